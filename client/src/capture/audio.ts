/** Reads the microphone, measures its level and encodes Opus. Its end is nobody else's end. */

import { Cause, ClientError } from "../base/errors";
import type { AudioFormat, Sample } from "./mux";
import type { Timeline } from "./timeline";

const BITRATE = 24_000;
const OPUS_FRAME_MS = 20;
/** Sound further than this from where its sample count says means lost samples or a drifted clock: start counting anew. */
const DRIFT_MS = 100;
const FLOOR_DB = -60;

export interface AudioSink {
  audio(sample: Sample, format: AudioFormat): void;
  fault(error: ClientError): void;
}

/** 0 (silence, -60 dB or less) to 1 (full scale). */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  const db = rms > 0 ? 20 * Math.log10(rms) : FLOOR_DB;
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
}

export class AudioLane {
  /** Highest level since it was last taken. */
  private peak = 0;
  private encoder: AudioEncoder | null = null;
  private format: AudioFormat = { channels: 1, sample_rate: 48_000 };
  private anchor_ms = 0;
  private samples_in = 0;
  private reader: ReadableStreamDefaultReader<AudioData> | null = null;

  constructor(
    private readonly timeline: Timeline,
    private readonly sink: AudioSink,
  ) {}

  async run(readable: ReadableStream<AudioData>): Promise<void> {
    this.reader = readable.getReader();
    for (;;) {
      const { value: sound, done } = await this.reader.read();
      if (done) break;
      try {
        await this.encode(sound);
      } catch (error) {
        this.failed(error);
      } finally {
        sound.close();
      }
    }
    await this.drain();
  }

  async stop(): Promise<void> {
    await this.reader?.cancel();
  }

  takeLevel(): number {
    const level = this.peak;
    this.peak = 0;
    return level;
  }

  private async encode(sound: AudioData): Promise<void> {
    const mono = new Float32Array(sound.numberOfFrames);
    sound.copyTo(mono, { planeIndex: 0, format: "f32-planar" }); // channel 0 is the voice; the rest repeats it
    this.peak = Math.max(this.peak, levelOf(mono));
    const t_ms = this.timeline.place(sound.timestamp);
    const rate = sound.sampleRate;
    const expected_ms = this.anchor_ms + (this.samples_in * 1000) / rate;
    const lost = Math.abs(expected_ms - t_ms) > DRIFT_MS || rate !== this.format.sample_rate;
    if (!this.encoder || this.encoder.state !== "configured" || lost) await this.restart(rate, t_ms);
    const timestamp = Math.round((this.anchor_ms + (this.samples_in * 1000) / rate) * 1000);
    const stamped = new AudioData({
      format: "f32-planar", sampleRate: rate, numberOfFrames: mono.length, numberOfChannels: 1, timestamp, data: mono,
    });
    this.samples_in += mono.length;
    this.encoder?.encode(stamped);
    stamped.close();
  }

  private async restart(sample_rate: number, t_ms: number): Promise<void> {
    await this.drain();
    this.format = { channels: 1, sample_rate };
    this.anchor_ms = t_ms;
    this.samples_in = 0;
    const format = this.format;
    this.encoder = new AudioEncoder({
      output: (chunk) => {
        const bytes = new Uint8Array(chunk.byteLength);
        chunk.copyTo(bytes);
        const d_ms = (chunk.duration ?? OPUS_FRAME_MS * 1000) / 1000;
        this.sink.audio({ t_ms: chunk.timestamp / 1000, d_ms, key: true, bytes }, format);
      },
      error: (error) => this.failed(error),
    });
    this.encoder.configure({ codec: "opus", sampleRate: sample_rate, numberOfChannels: 1, bitrate: BITRATE });
  }

  private async drain(): Promise<void> {
    const encoder = this.encoder;
    this.encoder = null;
    if (encoder?.state === "configured") await encoder.flush();
    if (encoder && encoder.state !== "closed") encoder.close();
  }

  private failed(error: unknown): void {
    this.encoder = null;
    const message = error instanceof Error ? error.message : String(error);
    this.sink.fault(
      new ClientError(Cause.EncoderFailed, "The sound encoder failed and is started again.", { error: message }),
    );
  }
}
