/**
 * One recorder per track: turns cuts into numbered segments, stores them, and starts a new media epoch whenever
 * what the init segment says is no longer true (size, codec, with or without sound).
 */

import { type SegmentRecord, type SegmentStore, sha256Hex } from "../buffer/segments";
import type { GapCause, Track } from "../base/wire";
import { type Cut, Fragmenter } from "./fragment";
import { type AudioFormat, type Sample, type VideoFormat, codecsOf, fragment, initSegment } from "./mux";

/** How long the first fragments wait for the microphone, so that a recording does not begin with two epochs. */
const SOUND_WAIT_MS = 2_000;
/** Sound missing for longer than this ends the epoch with sound; players would otherwise wait for it. */
const SOUND_LOST_MS = 2_000;
/** A hole smaller than this is the ordinary distance of two frames. */
const SMALLEST_GAP_MS = 1_500;

export interface RecorderOptions {
  attempt: string;
  track: Track;
  store: SegmentStore;
  server_next_epoch: number;
  grid_ms: number;
  frame_ms: number;
  expects_sound: boolean;
  /** Why there is no media between the stored end of this track and the first new frame. */
  gap_cause: GapCause;
  /** Called after the segment is safe in the store. */
  onStored: (record: SegmentRecord) => void;
  onError: (error: unknown) => void;
}

interface Epoch {
  media_epoch: number;
  next_seq: number;
  format: VideoFormat;
  sound: boolean;
}

export class Recorder {
  private readonly fragmenter: Fragmenter;
  private epoch: Epoch | null = null;
  private sound_format: AudioFormat | null = null;
  private last_sound_ms = -Infinity;
  private held: Cut[] = [];
  private work: Promise<void> = Promise.resolve();
  private next_epoch: number;
  private first = true;

  constructor(private readonly options: RecorderOptions) {
    this.next_epoch = options.server_next_epoch;
    this.fragmenter = new Fragmenter(options, (cut) => this.take(cut));
  }

  video(sample: Sample, format: VideoFormat): void {
    this.fragmenter.pushVideo(sample, format);
  }

  audio(sample: Sample, format: AudioFormat): void {
    this.sound_format = format;
    this.last_sound_ms = sample.t_ms + sample.d_ms;
    this.fragmenter.pushAudio(sample);
  }

  /** The microphone is gone; video goes on without waiting for it. */
  soundEnded(): void {
    this.options.expects_sound = false;
  }

  /** Stores what is left of a source that ended at `ended_ms`. Resolves when the last segment is safe. */
  async finish(ended_ms: number): Promise<void> {
    this.fragmenter.finish(ended_ms);
    this.releaseHeld();
    await this.work;
    if (this.epoch) await this.options.store.endEpoch(this.options.attempt, this.options.track, this.epoch.media_epoch);
  }

  private take(cut: Cut): void {
    if (this.first && this.options.expects_sound && cut.audio.length === 0) {
      this.held.push(cut);
      const waited_ms = cut.t_ms + cut.d_ms - (this.held[0]?.t_ms ?? cut.t_ms);
      if (waited_ms < SOUND_WAIT_MS) return;
      this.releaseHeld();
      return;
    }
    this.releaseHeld();
    this.queue(cut);
  }

  private releaseHeld(): void {
    const held = this.held;
    this.held = [];
    for (const cut of held) this.queue(cut);
  }

  private queue(cut: Cut): void {
    this.first = false;
    const sound = this.wantsSound(cut);
    const audio_format = this.sound_format;
    this.work = this.work.then(() => this.write(cut, sound ? audio_format : null)).catch(this.options.onError);
  }

  private wantsSound(cut: Cut): boolean {
    if (cut.audio.length > 0) return true;
    return cut.t_ms + cut.d_ms - this.last_sound_ms < SOUND_LOST_MS;
  }

  private async write(cut: Cut, audio: AudioFormat | null): Promise<void> {
    let epoch = this.epoch;
    // Only a keyframe can open an epoch; until one comes the fragment keeps to the promises of the running init.
    if (!epoch || (cut.key && !this.fits(epoch, cut, audio !== null))) {
      // Sound from before the very first picture has nothing to be heard with.
      if (!epoch) cut.audio = cut.audio.filter((sample) => sample.t_ms + sample.d_ms > cut.t_ms);
      epoch = await this.begin(cut, audio);
    }
    const seq = epoch.next_seq;
    epoch.next_seq += 1;
    const bytes = fragment(seq, cut.video, epoch.sound ? cut.audio : []);
    await this.keep(epoch.media_epoch, seq, cut, bytes);
  }

  private fits(epoch: Epoch, cut: Cut, sound: boolean): boolean {
    return epoch.sound === sound && sameFormat(epoch.format, cut.format);
  }

  private async begin(cut: Cut, audio: AudioFormat | null): Promise<Epoch> {
    const { attempt, track, store } = this.options;
    if (this.epoch) await store.endEpoch(attempt, track, this.epoch.media_epoch);
    else await this.noteGap(cut.t_ms);
    const media_epoch = await store.takeEpoch(attempt, track, this.next_epoch);
    this.next_epoch = media_epoch + 1;
    const epoch: Epoch = { media_epoch, next_seq: 1, format: cut.format, sound: audio !== null };
    this.epoch = epoch;
    await this.keep(media_epoch, 0, cut, initSegment(cut.format, audio), codecsOf(cut.format, audio));
    return epoch;
  }

  private async noteGap(t_ms: number): Promise<void> {
    const { attempt, track, store, gap_cause } = this.options;
    const end_ms = await store.endOf(attempt, track);
    if (end_ms !== null && t_ms - end_ms > SMALLEST_GAP_MS) {
      await store.addGap(attempt, track, end_ms, t_ms, gap_cause);
    }
  }

  private async keep(media_epoch: number, seq: number, cut: Cut, bytes: Uint8Array, codecs?: string): Promise<void> {
    const { attempt, track, store } = this.options;
    const owned = new Uint8Array(bytes);
    const record: SegmentRecord = {
      attempt,
      track,
      media_epoch,
      seq,
      kind: codecs === undefined ? "fragment" : "init",
      t_ms: Math.round(cut.t_ms),
      d_ms: codecs === undefined ? Math.round(cut.t_ms + cut.d_ms) - Math.round(cut.t_ms) : 0,
      key: cut.key,
      ...(codecs === undefined ? {} : { codecs }),
      sha256: await sha256Hex(owned),
      size_bytes: owned.length,
      bytes: owned,
    };
    await store.put(record);
    this.options.onStored(record);
  }
}

function sameFormat(a: VideoFormat, b: VideoFormat): boolean {
  if (a.codec !== b.codec || a.width !== b.width || a.height !== b.height) return false;
  const left = a.description ?? new Uint8Array();
  const right = b.description ?? new Uint8Array();
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
