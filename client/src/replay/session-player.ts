/** Plays webcam and screen of one session in step, by playlists whose time is the attempt's time (0 = entered_at). */

import Hls from "hls.js";

import { Cause, ClientError } from "../base/errors";
import type { Gap, Track } from "../base/wire";
import { type Hole, type PlaylistPiece, correction, holeAt, holesOf } from "./step";

const CHECK_EVERY_MS = 100;
/** After a hard seek the follower is left alone until it has had time to show its picture. */
const SETTLE_MS = 600;

/** Where to land behind a hole: on its very end the loader would choose the hole again. */
const PAST_HOLE_MS = 50;

/** Tracks that begin this close together are shown from where both have begun. */
const TOGETHER_MS = 5_000;

export interface SideOptions {
  track: Track;
  video: HTMLVideoElement;
  playlist_url: string;
}

export interface SessionPlayerEvents {
  /** Position on the attempt's time line, about ten times a second while it moves. */
  time: (t_ms: number) => void;
  /** This track has no media here; null when it has again. */
  hole: (track: Track, hole: Hole | null) => void;
  /** Both tracks had nothing here; playback went on behind it. */
  skipped: (hole: Hole) => void;
  fault: (error: ClientError) => void;
}

class Side {
  holes: Hole[] = [];
  hole: Hole | null = null;
  end_ms = 0;
  settle_until = 0;
  private pieces = 0;
  private loading_from_ms: number | null = null;
  private parked_until_ms: number | null = null;
  /** Where the video was sent before it had a picture, until it stands there. */
  private aim_ms: number | null = null;
  readonly hls: Hls;

  constructor(
    readonly options: SideOptions,
    known: readonly Gap[],
    onLoaded: () => void,
    onFault: (error: ClientError) => void,
  ) {
    // Nothing is loaded before the playlists say where there is something.
    this.hls = new Hls({ autoStartLoad: false, maxBufferLength: 30, backBufferLength: 30, nudgeMaxRetry: 20 });
    this.hls.on(Hls.Events.LEVEL_UPDATED, (_event, { details }) => {
      // The loader moves its pieces by some ms as it parses them; the holes stand where the playlist says.
      if (details.fragments.length === this.pieces) return;
      this.pieces = details.fragments.length;
      this.holes = holesOf(details.fragments as PlaylistPiece[], known, options.track);
      this.end_ms = details.edge * 1000;
      onLoaded();
    });
    this.hls.on(Hls.Events.ERROR, (_event, fault) => {
      if (fault.details === Hls.ErrorDetails.FRAG_GAP) return this.park((fault.frag?.end ?? 0) * 1000);
      if (!fault.fatal) return;
      if (fault.type === Hls.ErrorTypes.MEDIA_ERROR) return this.hls.recoverMediaError();
      const fields = { track: options.track, error: fault.details };
      onFault(new ClientError(Cause.BadMessage, "This part of the recording could not be loaded.", fields));
    });
    this.hls.loadSource(options.playlist_url);
    this.hls.attachMedia(options.video);
  }

  get video(): HTMLVideoElement {
    return this.options.video;
  }

  get at_ms(): number {
    return this.video.currentTime * 1000;
  }

  /** Nothing to show at this time: in a hole, or behind the end of this track. */
  absent(t_ms: number): boolean {
    return holeAt(this.holes, t_ms) !== null || t_ms >= this.end_ms;
  }

  /**
   * False while there is no picture to measure; then its time says nothing. A video that had no picture when it was
   * sent somewhere may show its first one at 0, before the loader moves it: it is placed as soon as it can be.
   */
  arrived(): boolean {
    if (this.video.readyState === 0 || this.video.seeking) return false;
    const aim_ms = this.aim_ms;
    this.aim_ms = null;
    if (aim_ms === null || this.at_ms > aim_ms - SETTLE_MS) return true;
    this.video.currentTime = aim_ms / 1000;
    return false;
  }

  seek(t_ms: number): void {
    this.aim_ms = this.video.readyState === 0 ? t_ms : null;
    // Before the first picture a place cannot be set on the video; loading has to begin there instead.
    if (this.parked_until_ms !== null || this.video.readyState === 0) this.load(t_ms);
    if (this.video.readyState > 0) this.video.currentTime = t_ms / 1000;
    this.loading_from_ms = t_ms;
    this.settle_until = performance.now() + SETTLE_MS;
  }

  /** Makes sure that what is to be shown at `t_ms` is being loaded, after the loader has stood before a hole. */
  unpark(t_ms: number): void {
    const past = this.parked_until_ms !== null && t_ms >= this.parked_until_ms;
    if (past || this.loading_from_ms === null) this.seek(t_ms);
  }

  private load(t_ms: number): void {
    this.parked_until_ms = null;
    this.hls.config.startPosition = t_ms / 1000; // a playlist that grows would otherwise begin at its end
    this.hls.startLoad(t_ms / 1000);
  }

  /** The loader met a hole: it would only try it again and again, so it rests until somebody goes behind it. */
  private park(until_ms: number): void {
    if (until_ms <= (this.loading_from_ms ?? 0)) return; // said of a place that was left meanwhile
    this.hls.stopLoad();
    this.parked_until_ms = until_ms;
  }

  play(): void {
    if (this.video.paused) this.video.play().catch(() => undefined); // a pause that overtakes play rejects it
  }
}

export class SessionPlayer {
  private readonly sides: Side[];
  private wanted = false;
  private rate = 1;
  private known = false;
  private timer: ReturnType<typeof setInterval> | null = null;

  /** `sides`: the one that leads first. `gaps`: the server's rows, for the causes. `at_ms`: where to stand at first. */
  constructor(
    sides: SideOptions[],
    gaps: readonly Gap[],
    private at_ms: number,
    private readonly events: SessionPlayerEvents,
  ) {
    this.sides = sides.map((side) => new Side(side, gaps, () => this.loaded(), events.fault));
    for (const side of this.sides.slice(1)) side.video.muted = true; // one sound, the leader's
    this.timer = setInterval(() => this.check(), CHECK_EVERY_MS);
  }

  get positionMs(): number {
    return this.at_ms;
  }

  get durationMs(): number {
    return Math.max(0, ...this.sides.map((side) => side.end_ms));
  }

  get playing(): boolean {
    return this.wanted;
  }

  play(): void {
    this.wanted = true;
    this.check();
  }

  pause(): void {
    this.wanted = false;
    for (const side of this.sides) side.video.pause();
  }

  /** `t_ms`: since the attempt was entered. A place inside a hole of both tracks is kept and left by playing on. */
  seek(t_ms: number): void {
    this.at_ms = Math.max(0, t_ms);
    if (!this.known) return; // taken up when the playlists are there
    this.at_ms = Math.min(this.at_ms, this.durationMs);
    for (const side of this.sides) if (!side.absent(this.at_ms)) side.seek(this.at_ms);
    this.events.time(this.at_ms);
    this.check();
  }

  setPlaybackRate(rate: number): void {
    this.rate = rate;
    for (const side of this.sides) side.video.playbackRate = rate;
  }

  close(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    for (const side of this.sides) side.hls.destroy();
  }

  private loaded(): void {
    if (this.sides.some((side) => side.end_ms === 0)) return; // until both playlists are known nothing can be skipped
    if (!this.known) {
      this.known = true;
      this.seek(this.beginning());
    }
  }

  private check(): void {
    if (!this.known) return;
    const present = this.sides.filter((side) => !side.absent(this.at_ms));
    for (const side of this.sides) this.showHole(side, holeAt(side.holes, this.at_ms));
    const [leader, ...followers] = present;
    if (!leader) return this.leaveHole();
    if (!this.wanted) return present.forEach((side) => void side.arrived());
    for (const side of this.sides) if (!present.includes(side)) side.video.pause();
    this.lead(leader);
    for (const follower of followers) this.follow(leader, follower);
  }

  private lead(leader: Side): void {
    // A side that was absent while the other one played stands elsewhere: bring it here before it leads.
    if (leader.video.paused && Math.abs(leader.at_ms - this.at_ms) > SETTLE_MS) leader.seek(this.at_ms);
    leader.unpark(this.at_ms);
    if (!leader.arrived()) return leader.play();
    if (leader.video.ended) {
      this.at_ms = leader.end_ms; // to play an ended video again would begin it anew
      return;
    }
    leader.video.playbackRate = this.rate;
    leader.play();
    if (leader.at_ms !== this.at_ms) {
      this.at_ms = leader.at_ms;
      this.events.time(this.at_ms);
    }
  }

  private follow(leader: Side, follower: Side): void {
    follower.unpark(this.at_ms);
    if (!follower.arrived() || !leader.arrived() || performance.now() < follower.settle_until) {
      return follower.play();
    }
    const move = correction(follower.at_ms - leader.at_ms, this.rate);
    if (move.act === "wait") {
      const [waiting, going] = move.who === "follower" ? [follower, leader] : [leader, follower];
      waiting.video.pause();
      going.play();
      return;
    }
    follower.play();
    if (move.act === "seek") follower.seek(leader.at_ms);
    else follower.video.playbackRate = move.rate;
  }

  /** No track has anything here: announce it and go on where the first one begins again. */
  private leaveHole(): void {
    if (!this.wanted) return;
    const next = this.holeOfAll();
    if (!next) {
      if (this.durationMs > 0) this.pause(); // the end of the session
      return;
    }
    this.events.skipped(next);
    this.seek(next.to_ms + PAST_HOLE_MS);
  }

  /** Where to stand at first: not where there is nothing, and where all have begun if they begin within seconds. */
  private beginning(): number {
    const first = this.holeOfAll();
    if (!first) return this.at_ms;
    const ends = this.sides.map((side) => holeAt(side.holes, this.at_ms)?.to_ms ?? 0);
    return Math.max(...ends.filter((end_ms) => end_ms - first.to_ms < TOGETHER_MS)) + PAST_HOLE_MS;
  }

  /** The hole that ends first, where no track has anything. */
  private holeOfAll(): Hole | null {
    if (!this.sides.every((side) => side.absent(this.at_ms))) return null;
    const holes = this.sides.map((side) => holeAt(side.holes, this.at_ms)).filter((hole) => hole !== null);
    return holes.sort((a, b) => a.to_ms - b.to_ms)[0] ?? null;
  }

  private showHole(side: Side, hole: Hole | null): void {
    if (side.hole?.from_ms === hole?.from_ms) return;
    side.hole = hole;
    this.events.hole(side.options.track, hole);
  }
}
