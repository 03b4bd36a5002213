/** Plays one live track into a `<video>` through Media Source Extensions, a little behind the newest fragment. */

import { Cause, ClientError } from "../base/errors";
import type { MediaHeader } from "../base/wire";

/** Distance kept from the newest picture beyond one fragment; less stalls (capture.md §4). */
const MARGIN_S = 0.1;
/** Further behind than this beyond the target is jumped, not caught up. */
const JUMP_S = 2;
const CATCH_UP_RATE = 1.1;
/** Slack before catching up begins, so that the rate does not flutter. */
const SLACK_S = 0.15;
/** Played media kept for a moment; older is removed so that a watch of hours stays small. */
const KEEP_BEHIND_S = 20;

export type Steer = { act: "hold"; rate: number } | { act: "jump"; to_s: number };

/** What to do when the picture shown is `behind_s` behind the newest and one fragment lasts `fragment_s`. */
export function steer(behind_s: number, fragment_s: number, newest_s: number, rate: number): Steer {
  const target_s = fragment_s + MARGIN_S;
  if (behind_s > target_s + JUMP_S || behind_s < 0) return { act: "jump", to_s: newest_s - target_s };
  if (behind_s > target_s + SLACK_S) return { act: "hold", rate: CATCH_UP_RATE };
  if (behind_s <= target_s) return { act: "hold", rate: 1 };
  return { act: "hold", rate };
}

interface Piece {
  header: MediaHeader;
  bytes: ArrayBuffer;
}

export class MsePlayer {
  private source: MediaSource | null = null;
  private buffer: SourceBuffer | null = null;
  private url: string | null = null;
  private epoch = -1;
  private last_seq = 0;
  private joined = false;
  private queue: ArrayBuffer[] = [];
  private fragment_s = 1;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly onFault: (error: ClientError) => void,
  ) {
    video.muted = true; // browsers start only silent video by themselves; the page offers the switch
    video.playsInline = true;
    video.addEventListener("error", () => {
      if (this.source) this.refused(video.error ?? new Error("unknown"));
    });
  }

  /** How far the picture is behind the newest fragment, in seconds; null before the first picture. */
  behindS(): number | null {
    const newest_s = this.newestS();
    return newest_s === null || !this.joined ? null : newest_s - this.video.currentTime;
  }

  /** Feed what the desk socket brings for this track, in any order it comes. */
  push(header: MediaHeader, bytes: ArrayBuffer): void {
    if (header.kind === "init") return this.begin({ header, bytes });
    if (header.media_epoch !== this.epoch || header.seq <= this.last_seq) return; // late, or of another epoch
    const hole = this.last_seq > 0 && header.seq !== this.last_seq + 1;
    if ((this.last_seq === 0 || hole) && !header.key) return; // undecodable until the next keyframe
    this.last_seq = header.seq;
    this.fragment_s = Math.max(0.25, header.d_ms / 1000);
    this.queue.push(bytes);
    this.feed();
  }

  close(): void {
    this.buffer = null;
    this.source = null;
    this.queue = [];
    this.video.removeAttribute("src");
    this.video.load();
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = null;
    this.epoch = -1;
  }

  private begin(init: Piece): void {
    const { header } = init;
    if (header.media_epoch <= this.epoch) return; // the same init again (re-subscribed), or an old one
    this.close();
    const type = `video/mp4; codecs="${header.codecs ?? ""}"`;
    if (!MediaSource.isTypeSupported(type)) {
      const message = "This browser cannot play the format of the recording.";
      return this.onFault(new ClientError(Cause.BrowserUnsupported, message, { type }));
    }
    this.epoch = header.media_epoch;
    this.last_seq = 0;
    this.joined = false;
    this.queue = [init.bytes];
    const source = new MediaSource();
    this.source = source;
    this.url = URL.createObjectURL(source);
    this.video.src = this.url;
    source.addEventListener("sourceopen", () => {
      if (this.source !== source) return;
      this.buffer = source.addSourceBuffer(type);
      this.buffer.addEventListener("updateend", () => this.updated());
      this.feed();
    }, { once: true });
  }

  private feed(): void {
    if (!this.buffer || this.buffer.updating || this.source?.readyState !== "open") return;
    const next = this.queue.shift();
    if (!next) return;
    try {
      this.buffer.appendBuffer(next);
    } catch (error) {
      this.queue.unshift(next);
      this.refused(error);
    }
  }

  private refused(error: unknown): void {
    if (error instanceof DOMException && error.name === "QuotaExceededError" && this.trim(1)) return;
    const text = error instanceof Error || error instanceof MediaError ? error.message : String(error);
    this.onFault(new ClientError(Cause.BadMessage, "The live picture could not be played.", { error: text }));
    this.close(); // the next init (a fresh `watch` brings one) starts anew
  }

  private updated(): void {
    this.follow();
    if (!this.trim(KEEP_BEHIND_S)) this.feed();
  }

  private follow(): void {
    const newest_s = this.newestS();
    if (newest_s === null) return;
    if (!this.joined) {
      this.joined = true;
      this.video.currentTime = Math.max(this.startS(), newest_s - this.fragment_s - MARGIN_S);
      this.video.play().catch(() => undefined); // refused autoplay: the page's play button remains
      return;
    }
    const move = steer(newest_s - this.video.currentTime, this.fragment_s, newest_s, this.video.playbackRate);
    if (move.act === "jump") this.video.currentTime = Math.max(this.startS(), move.to_s);
    else this.video.playbackRate = move.rate;
  }

  private trim(keep_s: number): boolean {
    const end_s = this.video.currentTime - keep_s;
    if (!this.buffer || this.buffer.updating || this.buffer.buffered.length === 0) return false;
    if (end_s - this.buffer.buffered.start(0) < keep_s / 2) return false;
    this.buffer.remove(0, end_s);
    return true;
  }

  private newestS(): number | null {
    const ranges = this.buffer?.buffered;
    return ranges && ranges.length > 0 ? ranges.end(ranges.length - 1) : null;
  }

  /** Start of the newest unbroken stretch: jumping back into a hole would stop the picture. */
  private startS(): number {
    const ranges = this.buffer?.buffered;
    return ranges && ranges.length > 0 ? ranges.start(ranges.length - 1) : 0;
  }
}
