/** Everything one attempt records, inside the worker: lanes, recorders, store and uploader joined together. */

import { ServerClock } from "../base/clock";
import { Cause, ClientError } from "../base/errors";
import type { Track } from "../base/wire";
import type { SegmentRecord, SegmentStore } from "../buffer/segments";
import { Uploader, type UploadReport } from "../upload/uploader";
import { AudioLane } from "./audio";
import { SCREEN, VideoLane, type VideoSettings, WEBCAM } from "./encoder";
import type { BeginMessage, FromWorker, RecordMessage } from "./messages";
import { Recorder } from "./recorder";
import { Timeline } from "./timeline";

const SETTINGS: Record<Track, VideoSettings> = { webcam: WEBCAM, screen: SCREEN };
/** Fragment lengths: the webcam is cut at its keyframes, the screen between them as well (capture.md §1). */
const GRID_MS: Record<Track, number> = { webcam: 1_000, screen: 2_000 };
const HEALTH_EVERY_MS = 500;

interface Running {
  lane: VideoLane;
  sound: AudioLane | null;
  recorder: Recorder;
  done: Promise<void>;
}

export class RecordingSession {
  private readonly clock: ServerClock;
  private readonly entered_ms: number;
  private readonly uploader: Uploader;
  private readonly running = new Map<Track, Running>();
  private readonly health_timer: ReturnType<typeof setInterval>;

  constructor(
    private readonly begin: BeginMessage,
    private readonly store: SegmentStore,
    private readonly tell: (message: FromWorker) => void,
  ) {
    this.clock = new ServerClock(begin.anchor);
    this.entered_ms = Date.parse(begin.entered_at);
    this.uploader = new Uploader({
      attempt: begin.attempt,
      base_url: begin.base_url,
      token: begin.token,
      source: store,
      spread_ms: () => Math.random() * begin.spread_ms,
      report: (report) => this.relay(report),
    });
    this.uploader.run().catch((error: unknown) => this.fault(error));
    this.health_timer = setInterval(() => this.health(), HEALTH_EVERY_MS);
  }

  async record(message: RecordMessage): Promise<void> {
    await this.stop(message.track);
    const settings = SETTINGS[message.track];
    const now = (): number => this.clock.now() - this.entered_ms;
    const recorder = new Recorder({
      attempt: this.begin.attempt,
      track: message.track,
      store: this.store,
      server_next_epoch: this.begin.next_media_epoch[message.track] ?? 0,
      grid_ms: GRID_MS[message.track],
      frame_ms: 1000 / settings.fps,
      expects_sound: message.audio !== null,
      gap_cause: message.gap_cause,
      onStored: (record) => this.kept(record),
      onError: (error) => this.fault(error),
    });
    const sink = {
      video: recorder.video.bind(recorder),
      audio: recorder.audio.bind(recorder),
      fault: (error: ClientError) => this.fault(error),
    };
    const lane = new VideoLane(settings, new Timeline(now), now, sink, this.begin.only_codecs);
    const sound = message.audio ? new AudioLane(new Timeline(now), sink) : null;
    const running: Running = { lane, sound, recorder, done: Promise.resolve() };
    running.done = this.follow(message, running);
    this.running.set(message.track, running);
  }

  /** Ends one track and waits until its last fragment is in the store. */
  async stop(track: Track): Promise<void> {
    const running = this.running.get(track);
    if (!running) return;
    await Promise.all([running.lane.stop(), running.sound?.stop()]);
    await running.done;
  }

  learn(anchor: BeginMessage["anchor"], load: number): void {
    this.clock.learn(anchor);
    this.uploader.setLoad(load);
  }

  setToken(token: string): void {
    this.uploader.setToken(token);
  }

  rouse(): void {
    this.uploader.rouse();
  }

  finish(): void {
    this.uploader.finish();
  }

  async manifest(ask: number): Promise<void> {
    try {
      const made = await this.store.manifest(this.begin.attempt);
      const { missing } = await this.uploader.manifest(made);
      this.tell({ type: "manifest", ask, reply: await this.store.account(this.begin.attempt, missing) });
    } catch (error) {
      // otherwise the network: the page asks again
      if (error instanceof ClientError && error.cause_code === Cause.NotSignedIn) this.tell({ type: "token_needed" });
      else if (error instanceof ClientError) this.fault(error);
      this.tell({ type: "manifest", ask, reply: null });
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.running.keys()].map((track) => this.stop(track)));
    clearInterval(this.health_timer);
    this.uploader.close();
    this.store.close();
  }

  private async follow(message: RecordMessage, running: Running): Promise<void> {
    const { lane, sound, recorder } = running;
    const sound_done = message.audio
      ? sound?.run(message.audio).catch((error: unknown) => this.fault(error)).then(() => {
          recorder.soundEnded();
          this.tell({ type: "sound_ended" });
        })
      : undefined;
    let ended_ms = 0;
    try {
      ended_ms = await lane.run(message.video);
    } catch (error) {
      this.fault(error);
    }
    await sound?.stop();
    await sound_done;
    await recorder.finish(ended_ms);
    if (this.running.get(message.track) === running) this.running.delete(message.track);
    this.tell({ type: "ended", track: message.track });
  }

  private kept(record: SegmentRecord): void {
    const { bytes: _bytes, ...meta } = record;
    const { track, media_epoch, seq, t_ms, d_ms } = meta;
    this.tell({ type: "kept", track, media_epoch, seq, t_ms, d_ms });
    this.uploader.offer(meta);
  }

  private relay(report: UploadReport): void {
    if (report.type === "fault") return this.fault(report.error);
    if (report.type === "stored") {
      const { track, media_epoch, seq, repeat } = report;
      return this.tell({ type: "stored", track, media_epoch, seq, repeat });
    }
    this.tell(report);
  }

  private health(): void {
    const now = this.clock.now() - this.entered_ms;
    const source_fps: Partial<Record<Track, number>> = {};
    let level: number | null = null;
    for (const [track, { lane, sound }] of this.running) {
      source_fps[track] = lane.rate.perSecond(now);
      if (sound) level = sound.takeLevel();
    }
    this.tell({ type: "health", source_fps, level });
  }

  private fault(error: unknown): void {
    const known =
      error instanceof ClientError
        ? error
        : new ClientError(Cause.StorageUnavailable, "The recording could not be kept in the browser.", {
            error: error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 500) : String(error),
          });
    this.tell({ type: "fault", cause: known.cause_code, message: known.message, fields: { ...known.fields } });
  }
}
