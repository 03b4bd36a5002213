/** The page's side of the recording: hands the tracks' frames to the worker and turns its messages into events. */

import type { Anchor } from "../base/clock";
import { Cause, ClientError } from "../base/errors";
import type { Backlog, GapCause, Track } from "../base/wire";
import type { Accounted, BeginMessage, FromWorker, HealthMessage, ToWorker } from "./messages";

interface TrackProcessor<T> {
  readonly readable: ReadableStream<T>;
}

type TrackProcessorClass = new (init: { track: MediaStreamTrack }) => TrackProcessor<VideoFrame | AudioData>;

/** One event name, one payload. */
export interface PipelineEvents {
  progress: { backlog: Backlog; failing: boolean; storage_full: boolean };
  health: Omit<HealthMessage, "type">;
  /** A segment is safe on this device. */
  kept: { track: Track; media_epoch: number; seq: number; t_ms: number; d_ms: number };
  /** A segment is safe on the server. */
  stored: { track: Track; media_epoch: number; seq: number; repeat: boolean };
  ended: { track: Track };
  sound_ended: Record<string, never>;
  buffer_full: { full: boolean };
  /** The page must fetch a token (heartbeat or connect) and call `setToken`. */
  token_needed: Record<string, never>;
  fault: { cause: Cause; message: string; fields: Record<string, string> };
}

export type PipelineOptions = Omit<BeginMessage, "type" | "only_codecs"> & { only_codecs?: string[] };

/** The names of what this browser lacks for recording; empty when it can record. */
export function missingForRecording(): string[] {
  const needed = ["MediaStreamTrackProcessor", "VideoEncoder", "AudioEncoder", "indexedDB", "Worker"];
  const lacking = needed.filter((name) => !(name in globalThis));
  if (!globalThis.isSecureContext) lacking.push("secure context (https)");
  return lacking;
}

export class RecordingPipeline {
  private readonly worker: Worker;
  private readonly listeners = new Map<string, Set<(payload: never) => void>>();
  private readonly asked = new Map<number, (reply: Accounted | null) => void>();
  private next_ask = 1;
  private latest: Backlog = { segments: 0, bytes: 0 };

  /** `worker_url`: the built worker module, from this origin. */
  constructor(worker_url: string | URL, options: PipelineOptions) {
    const missing = missingForRecording();
    if (missing.length > 0) {
      const message = "This browser cannot record the exam. Use a current Chrome, Edge or Chromium.";
      throw new ClientError(Cause.BrowserUnsupported, message, { missing: missing.join(", ") });
    }
    this.worker = new Worker(worker_url, { type: "module", name: "recording" });
    this.worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => this.hear(data));
    this.worker.addEventListener("error", (event) => {
      const fields = { error: event.message ?? "" };
      this.emit("fault", { cause: Cause.EncoderFailed, message: "The recording stopped. Reload the page.", fields });
    });
    this.post({ type: "begin", only_codecs: null, ...options });
  }

  on<Name extends keyof PipelineEvents>(name: Name, listener: (payload: PipelineEvents[Name]) => void): () => void {
    const all = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, all.add(listener as (payload: never) => void));
    return () => all.delete(listener as (payload: never) => void);
  }

  /** Starts (or restarts) a track from a stream of `openCamera` or `openScreen`; the old recorder is finished first. */
  record(track: Track, stream: MediaStream, gap_cause: GapCause = "client_crash"): void {
    const picture = stream.getVideoTracks()[0];
    if (!picture) throw new ClientError(Cause.DeviceMissing, "The stream has no picture.", { device: track });
    const sound = track === "webcam" ? stream.getAudioTracks()[0] : undefined;
    const video = framesOf(picture) as ReadableStream<VideoFrame>;
    const audio = sound ? (framesOf(sound) as ReadableStream<AudioData>) : null;
    this.post({ type: "record", track, video, audio, gap_cause }, audio ? [video, audio] : [video]);
  }

  stop(track: Track): void {
    this.post({ type: "stop", track });
  }

  setToken(token: string): void {
    this.post({ type: "token", token });
  }

  /** Passes on what any answer of the server said about its time and load. */
  heard(anchor: Anchor, load: number): void {
    this.post({ type: "heard", anchor, load });
  }

  rouse(): void {
    this.post({ type: "rouse" });
  }

  backlog(): Backlog {
    return this.latest;
  }

  /** Nothing more is recorded: what waits is sent without sparing the server. */
  finish(): void {
    this.post({ type: "finish" });
  }

  /** What the server lacks of all that was made; null when it could not be asked. */
  manifest(): Promise<Accounted | null> {
    const ask = this.next_ask++;
    return new Promise((resolve) => {
      this.asked.set(ask, resolve);
      this.post({ type: "manifest", ask });
    });
  }

  /** Finishes all tracks and ends the worker. What is still waiting stays in the store for the next visit. */
  close(): void {
    this.post({ type: "close" });
  }

  private hear(message: FromWorker): void {
    if (message.type === "manifest") {
      this.asked.get(message.ask)?.(message.reply);
      this.asked.delete(message.ask);
      return;
    }
    if (message.type === "ready") return;
    if (message.type === "progress") this.latest = message.backlog;
    const { type, ...payload } = message;
    this.emit(type, payload as never);
  }

  private emit<Name extends keyof PipelineEvents>(name: Name, payload: PipelineEvents[Name]): void {
    for (const listener of this.listeners.get(name) ?? []) listener(payload as never);
  }

  private post(message: ToWorker, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer);
  }
}

function framesOf(track: MediaStreamTrack): ReadableStream<VideoFrame | AudioData> {
  const { MediaStreamTrackProcessor } = globalThis as unknown as { MediaStreamTrackProcessor: TrackProcessorClass };
  return new MediaStreamTrackProcessor({ track }).readable;
}
