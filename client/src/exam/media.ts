/** Camera, microphone and screen of this attempt: opened once, recorded from the Start step on, given back at the end. */

import type { Anchor } from "../base/clock";
import type { Backlog, ConnectReply, GapCause, Track } from "../base/wire";
import { endCause, openCamera, openScreen, stopStream } from "../capture/devices";
import { RecordingPipeline } from "../capture/pipeline";
import { OUTAGE_AFTER_MS, SPREAD_MS } from "../upload/uploader";

export interface LostDevice {
  what: Track | "microphone";
  cause: GapCause;
}

export interface MediaOptions {
  worker_url: string;
  required: readonly Track[];
  sound: boolean;
  onChange: () => void;
  onLost: (lost: LostDevice) => void;
  onTokenNeeded: () => void;
  onFault: (cause: string, message: string) => void;
  /** What keeps the recording from being stored has begun, changed or (null) ended. */
  onTrouble: (trouble: StorageTrouble | null) => void;
}

/** The gravest first: this device's storage is full, the server's is, or nothing has got through for a while. */
export type StorageTrouble = "device_full" | "server_full" | "not_sent";

const DONE_LOOK_MS = 1_000;

export class Media {
  camera: MediaStream | null = null;
  screen: MediaStream | null = null;
  /** Tracks of which the server holds a first segment. */
  readonly confirmed = new Set<Track>();
  lost: LostDevice | null = null;
  level = 0;
  source_fps: Partial<Record<Track, number>> = {};
  backlog: Backlog = { segments: 0, bytes: 0 };
  trouble: StorageTrouble | null = null;
  private device_full = false;
  private failing_since_ms: number | null = null;
  private pipeline: RecordingPipeline | null = null;
  private readonly live = new Set<Track>();
  private readonly watched = new AbortController();

  constructor(private readonly options: MediaOptions) {}

  get recording(): boolean {
    return this.live.size > 0 && this.lost === null;
  }

  needs(track: Track): boolean {
    return this.options.required.includes(track);
  }

  /** True once every required stream is open. */
  get ready(): boolean {
    return (!this.needs("webcam") || this.camera !== null) && (!this.needs("screen") || this.screen !== null);
  }

  get allConfirmed(): boolean {
    return this.options.required.every((track) => this.confirmed.has(track));
  }

  async takeCamera(camera_id = "", microphone_id = ""): Promise<MediaStream> {
    const stream = await openCamera({
      sound: this.options.sound,
      ...(camera_id ? { camera_id } : {}),
      ...(microphone_id ? { microphone_id } : {}),
    });
    stopStream(this.camera);
    this.camera = stream;
    this.follow("webcam", stream);
    return stream;
  }

  /** Must be called from a click. */
  async takeScreen(): Promise<MediaStream> {
    const stream = await openScreen();
    stopStream(this.screen);
    this.screen = stream;
    this.follow("screen", stream);
    return stream;
  }

  /** Starts the recording worker; what waits on this device from before goes up at once, also without any stream. */
  begin(attempt: string, reply: ConnectReply, anchor: Anchor): void {
    if (this.pipeline) {
      this.pipeline.setToken(reply.token);
      return;
    }
    this.pipeline = new RecordingPipeline(this.options.worker_url, {
      attempt,
      base_url: location.origin,
      token: reply.token,
      entered_at: reply.entered_at,
      anchor,
      next_media_epoch: reply.next_media_epoch,
      spread_ms: SPREAD_MS,
    });
    this.hear(this.pipeline);
    this.recordAll("client_crash");
  }

  /** Records every open stream that is not being recorded yet. */
  recordAll(cause: GapCause): void {
    if (this.camera && this.needs("webcam")) this.record("webcam", this.camera, cause);
    if (this.screen && this.needs("screen")) this.record("screen", this.screen, cause);
  }

  setToken(token: string): void {
    this.pipeline?.setToken(token);
  }

  heard(anchor: Anchor, load: number | null): void {
    this.pipeline?.heard(anchor, load ?? 0);
  }

  rouse(): void {
    this.pipeline?.rouse();
  }

  /** Opens the lost device again; a screen needs the click this is called from. */
  async restore(): Promise<void> {
    const { lost } = this;
    if (!lost) return;
    if (lost.what === "screen") await this.takeScreen();
    else await this.takeCamera();
    const track: Track = lost.what === "screen" ? "screen" : "webcam";
    this.live.delete(track);
    this.lost = null;
    this.recordAll(lost.cause);
    this.options.onChange();
  }

  /**
   * Ends the recording, gives the devices back, and resolves when nothing more can be sent from here: with the number
   * of segments the server lacks and never gets (dropped when the storage was full, or refused for good).
   */
  async finish(onProgress: (backlog: Backlog) => void): Promise<number> {
    this.watched.abort();
    const pipeline = this.pipeline;
    if (pipeline) await this.ended(pipeline);
    this.release();
    pipeline?.finish();
    await pipeline?.manifest(); // at once: from here on the server knows what is still on its way
    let lost = 0;
    while (pipeline) {
      onProgress(pipeline.backlog());
      const reply = pipeline.backlog().segments === 0 ? await pipeline.manifest() : null;
      lost = reply?.lost ?? 0;
      if (reply?.held === 0) break;
      await new Promise((resolve) => setTimeout(resolve, DONE_LOOK_MS));
    }
    pipeline?.close();
    this.pipeline = null;
    return lost;
  }

  release(): void {
    stopStream(this.camera);
    stopStream(this.screen);
    this.camera = null;
    this.screen = null;
    this.options.onChange();
  }

  private async ended(pipeline: RecordingPipeline): Promise<void> {
    const waiting = new Set(this.live);
    if (waiting.size === 0) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, 5_000); // an encoder that hangs must not keep the candidate here
      pipeline.on("ended", ({ track }) => {
        waiting.delete(track);
        if (waiting.size > 0) return;
        clearTimeout(late);
        resolve();
      });
      for (const track of this.live) pipeline.stop(track);
    });
    this.live.clear();
  }

  private record(track: Track, stream: MediaStream, cause: GapCause): void {
    if (this.live.has(track) || !this.pipeline) return;
    this.live.add(track);
    this.pipeline.record(track, stream, cause);
  }

  private follow(track: Track, stream: MediaStream): void {
    for (const one of stream.getTracks()) {
      one.addEventListener("ended", () => void this.gone(track, one), { signal: this.watched.signal });
    }
  }

  private async gone(track: Track, ended: MediaStreamTrack): Promise<void> {
    const current = track === "screen" ? this.screen : this.camera;
    if (!current?.getTracks().includes(ended)) return; // an older stream we closed ourselves
    const what = track === "screen" ? "screen" : ended.kind === "audio" ? "microphone" : "webcam";
    const cause = what === "screen" ? "permission_revoked" : await endCause(what === "webcam" ? "camera" : "microphone");
    if (this.lost) return;
    this.lost = { what, cause };
    this.options.onLost(this.lost);
    this.options.onChange();
  }

  private hear(pipeline: RecordingPipeline): void {
    pipeline.on("stored", ({ track, seq }) => {
      if (seq === 0 || this.confirmed.has(track)) return;
      this.confirmed.add(track);
      this.options.onChange();
    });
    pipeline.on("health", ({ level, source_fps }) => {
      this.level = level ?? 0;
      this.source_fps = source_fps;
      this.options.onChange();
    });
    pipeline.on("progress", ({ backlog, failing, storage_full }) => {
      this.backlog = backlog;
      this.failing_since_ms = failing ? (this.failing_since_ms ?? performance.now()) : null;
      this.judge(storage_full);
    });
    pipeline.on("buffer_full", ({ full }) => {
      this.device_full = full;
      this.judge(false);
    });
    pipeline.on("ended", ({ track }) => this.live.delete(track));
    pipeline.on("token_needed", () => this.options.onTokenNeeded());
    pipeline.on("fault", ({ cause, message }) => this.options.onFault(cause, message));
  }

  private judge(server_full: boolean): void {
    const since = this.failing_since_ms;
    const failing = since !== null && performance.now() - since >= OUTAGE_AFTER_MS;
    const trouble = this.device_full ? "device_full" : server_full ? "server_full" : failing ? "not_sent" : null;
    if (trouble === this.trouble) return;
    this.trouble = trouble;
    this.options.onTrouble(trouble);
    this.options.onChange();
  }
}
