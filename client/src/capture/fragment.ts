/** Decides where one fragment ends and the next begins. Bytes are mux.ts's, encoders are encoder.ts's. */

import type { Sample, VideoFormat } from "./mux";

export interface Cut {
  t_ms: number;
  d_ms: number;
  /** Starts with a keyframe, so it can be decoded without any fragment before it. */
  key: boolean;
  /** What the samples were encoded with. */
  format: VideoFormat;
  video: Sample[];
  audio: Sample[];
}

export interface CutRule {
  /** Cut at the first frame on or after each multiple of this, beside every keyframe. */
  grid_ms: number;
  /** Least duration of the very last frame. */
  frame_ms: number;
}

/** A last picture stays at most this long until the source ends; the repeater would have shown it again by then. */
const LAST_STAYS_MS = 1_000;
/** Audio left over when video no longer comes is bounded, so a dead camera cannot fill the memory. */
const AUDIO_KEPT_MS = 10_000;

export class Fragmenter {
  private video: Sample[] = [];
  private audio: Sample[] = [];
  private format: VideoFormat | null = null;

  constructor(
    private readonly rule: CutRule,
    private readonly emit: (cut: Cut) => void,
  ) {}

  /** `format` is what this and the following frames are encoded with; a change must come with a keyframe. */
  pushVideo(sample: Sample, format: VideoFormat): void {
    const first = this.video[0];
    if (!first && !sample.key) return; // nothing can decode it
    if (first && (sample.key || this.crossesGrid(first.t_ms, sample.t_ms))) this.cut(sample.t_ms);
    const before = this.video.at(-1);
    if (before) before.d_ms = sample.t_ms - before.t_ms;
    this.video.push(sample);
    this.format = format;
  }

  pushAudio(sample: Sample): void {
    const before = this.audio.at(-1);
    if (before) before.d_ms = Math.max(0, sample.t_ms - before.t_ms);
    this.audio.push(sample);
    while (sample.t_ms - (this.audio[0]?.t_ms ?? sample.t_ms) > AUDIO_KEPT_MS) this.audio.shift();
  }

  /** Emit what is left. `ended_ms`: when the source ended; the last picture stays until then. */
  finish(ended_ms: number): void {
    const last = this.video.at(-1);
    const stays_ms = Math.min(ended_ms - (last?.t_ms ?? 0), LAST_STAYS_MS);
    if (last) this.cut(last.t_ms + Math.max(stays_ms, this.rule.frame_ms));
    this.audio = [];
  }

  private crossesGrid(from_ms: number, to_ms: number): boolean {
    return Math.floor(to_ms / this.rule.grid_ms) > Math.floor(from_ms / this.rule.grid_ms);
  }

  private cut(end_ms: number): void {
    const first = this.video[0];
    const last = this.video.at(-1);
    if (!first || !last || !this.format) return;
    last.d_ms = end_ms - last.t_ms;
    const audio = this.audio.filter((sample) => sample.t_ms < end_ms);
    this.audio = this.audio.filter((sample) => sample.t_ms >= end_ms);
    const cut: Cut = {
      t_ms: first.t_ms,
      d_ms: end_ms - first.t_ms,
      key: first.key,
      format: this.format,
      video: this.video,
      audio,
    };
    this.video = [];
    this.emit(cut);
  }
}
