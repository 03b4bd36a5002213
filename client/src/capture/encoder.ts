/** Reads the frames of one video track and encodes them; owns keyframe timing, the repeater and the change of size. */

import { Cause, ClientError } from "../base/errors";
import type { Track } from "../base/wire";
import { codecOrder, encoderName, fitInto } from "./codecs";
import type { Sample, VideoFormat } from "./mux";
import { RateMeter, Thinner, type Timeline } from "./timeline";

export interface VideoSettings {
  track: Track;
  most_width: number;
  most_height: number;
  fps: number;
  bitrate: number;
  /** A keyframe at the first frame on or after each multiple of this on the attempt's time line. */
  key_every_ms: number;
}

export const WEBCAM: VideoSettings = {
  track: "webcam", most_width: 640, most_height: 480, fps: 15, bitrate: 200_000, key_every_ms: 1_000,
};
export const SCREEN: VideoSettings = {
  // A keyframe of a page of text is 100 to 200 KB: every 10 s is what the bit rate can carry.
  track: "screen", most_width: 1920, most_height: 1080, fps: 5, bitrate: 150_000, key_every_ms: 10_000,
};

/** A source that shows nothing new is repeated after this, so that silence is not mistaken for a gap. */
const REPEAT_AFTER_MS = 1_000;
/** Frames waiting in the encoder beyond this are dropped: better a jump than a growing delay. */
const LONGEST_QUEUE = 8;
const FAILURES_PER_CODEC = 3;

export interface VideoSink {
  video(sample: Sample, format: VideoFormat): void;
  fault(error: ClientError): void;
}

/** One running source. `run` resolves when the source has ended and everything is encoded, with the time of its end. */
export class VideoLane {
  readonly rate = new RateMeter();
  private readonly thinner: Thinner;
  private encoder: VideoEncoder | null = null;
  private format: VideoFormat | null = null;
  private codec = "";
  private size: [number, number] = [0, 0];
  private last: VideoFrame | null = null;
  private last_key_slot = -Infinity;
  private failures = 0;
  /** No codec is left to try: said once, then the frames are let go. */
  private hopeless = false;
  private repeat_timer: ReturnType<typeof setTimeout> | undefined;
  private work: Promise<void> = Promise.resolve();
  private reader: ReadableStreamDefaultReader<VideoFrame> | null = null;

  constructor(
    private readonly settings: VideoSettings,
    private readonly timeline: Timeline,
    private readonly now: () => number,
    private readonly sink: VideoSink,
    private readonly only_codecs: readonly string[] | null = null,
  ) {
    this.thinner = new Thinner(1000 / settings.fps);
  }

  async run(readable: ReadableStream<VideoFrame>): Promise<number> {
    this.reader = readable.getReader();
    for (;;) {
      const { value: frame, done } = await this.reader.read();
      if (done) break;
      this.rate.mark(this.now());
      const t_ms = this.timeline.place(frame.timestamp);
      if (!this.thinner.take(t_ms)) {
        frame.close();
        continue;
      }
      this.last?.close();
      this.last = frame;
      this.enqueue(frame.clone(), t_ms);
      this.armRepeat();
      await this.work;
    }
    const ended_ms = this.now();
    clearTimeout(this.repeat_timer);
    await this.work;
    await this.drain();
    this.last?.close();
    this.last = null;
    return ended_ms;
  }

  /** Ends the lane from our side; `run` then resolves after the flush. */
  async stop(): Promise<void> {
    clearTimeout(this.repeat_timer);
    await this.reader?.cancel();
  }

  private armRepeat(): void {
    clearTimeout(this.repeat_timer);
    this.repeat_timer = setTimeout(() => {
      if (!this.last) return;
      this.enqueue(this.last.clone(), this.timeline.placeNow());
      this.armRepeat();
    }, REPEAT_AFTER_MS);
  }

  private enqueue(frame: VideoFrame, t_ms: number): void {
    this.work = this.work.then(() => this.encode(frame, t_ms)).catch((error: unknown) => this.failed(error));
  }

  private async encode(frame: VideoFrame, t_ms: number): Promise<void> {
    const stamped = new VideoFrame(frame, { timestamp: Math.round(t_ms * 1000) });
    frame.close();
    try {
      if (this.hopeless) return;
      await this.configureFor(stamped);
      const encoder = this.encoder;
      if (!encoder || encoder.encodeQueueSize > LONGEST_QUEUE) return;
      const slot = Math.floor(t_ms / this.settings.key_every_ms);
      const keyFrame = slot > this.last_key_slot;
      encoder.encode(stamped, { keyFrame });
      if (keyFrame) this.last_key_slot = slot;
    } finally {
      stamped.close();
    }
  }

  private async configureFor(frame: VideoFrame): Promise<void> {
    const { most_width, most_height } = this.settings;
    const [width, height] = fitInto(frame.displayWidth, frame.displayHeight, most_width, most_height);
    if (this.encoder?.state === "configured" && width === this.size[0] && height === this.size[1]) return;
    await this.drain();
    this.size = [width, height];
    this.last_key_slot = -Infinity;
    const config = await this.choose(width, height);
    this.encoder = new VideoEncoder({
      output: (chunk, meta) => this.output(chunk, meta),
      error: (error) => this.failed(error),
    });
    this.encoder.configure(config);
  }

  /** The first codec that this browser encodes at this size, past those that failed before. */
  private async choose(width: number, height: number): Promise<VideoEncoderConfig> {
    const order = this.only_codecs ?? codecOrder(this.settings.track, width, height);
    for (const codec of order.slice(Math.floor(this.failures / FAILURES_PER_CODEC))) {
      const config: VideoEncoderConfig = {
        codec: encoderName(codec), width, height,
        bitrate: this.settings.bitrate, framerate: this.settings.fps, latencyMode: "realtime",
        ...(codec.startsWith("avc1") ? { avc: { format: "avc" as const } } : {}),
      };
      const { supported } = await VideoEncoder.isConfigSupported(config);
      if (supported) {
        this.codec = codec;
        return config;
      }
    }
    this.hopeless = true;
    throw new ClientError(Cause.CodecUnavailable, "This browser can encode none of the known video formats.", {
      tried: order.join(" "),
    });
  }

  private output(chunk: EncodedVideoChunk, meta: EncodedVideoChunkMetadata | undefined): void {
    this.failures = 0;
    const config = meta?.decoderConfig;
    if (config) this.format = this.formatOf(config);
    if (!this.format) return;
    const bytes = new Uint8Array(chunk.byteLength);
    chunk.copyTo(bytes);
    const t_ms = chunk.timestamp / 1000;
    this.sink.video({ t_ms, d_ms: 1000 / this.settings.fps, key: chunk.type === "key", bytes }, this.format);
  }

  private formatOf(config: VideoDecoderConfig): VideoFormat {
    const [width, height] = this.size;
    const codec = config.codec.startsWith("avc1") ? config.codec : this.codec;
    const format: VideoFormat = { codec, width, height };
    if (config.description) format.description = bytesOf(config.description);
    return format;
  }

  private async drain(): Promise<void> {
    if (this.encoder?.state === "configured") await this.encoder.flush();
    if (this.encoder && this.encoder.state !== "closed") this.encoder.close();
    this.encoder = null;
  }

  private failed(error: unknown): void {
    this.failures += 1;
    this.encoder = null; // the next frame configures a fresh one, with a keyframe
    const message = error instanceof Error ? error.message : String(error);
    this.sink.fault(
      error instanceof ClientError
        ? error
        : new ClientError(Cause.EncoderFailed, "The video encoder failed and is started again.", { error: message }),
    );
  }
}

function bytesOf(source: AllowSharedBufferSource): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice()
    : new Uint8Array(source).slice();
}
