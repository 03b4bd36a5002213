/** What the page and the recording worker say to each other. */

import type { Anchor } from "../base/clock";
import type { Cause } from "../base/errors";
import type { Backlog, GapCause, Track } from "../base/wire";

export interface BeginMessage {
  type: "begin";
  attempt: string;
  base_url: string;
  token: string;
  entered_at: string;
  anchor: Anchor;
  next_media_epoch: Partial<Record<Track, number>>;
  /** The most this client may hold its backlog back after an outage; how long it is, is drawn for each. */
  spread_ms: number;
  /** Restricts the codecs tried; null takes the normal order. */
  only_codecs: string[] | null;
}

export interface RecordMessage {
  type: "record";
  track: Track;
  video: ReadableStream<VideoFrame>;
  audio: ReadableStream<AudioData> | null;
  /** What to write down for the time without media before the first new frame. */
  gap_cause: GapCause;
}

export type ToWorker =
  | BeginMessage
  | RecordMessage
  | { type: "token"; token: string }
  | { type: "heard"; anchor: Anchor; load: number }
  | { type: "stop"; track: Track }
  | { type: "rouse" }
  | { type: "finish" }
  | { type: "manifest"; ask: number }
  | { type: "close" };

export interface ProgressMessage {
  type: "progress";
  backlog: Backlog;
  failing: boolean;
  storage_full: boolean;
}

export interface HealthMessage {
  type: "health";
  /** Frames per second the devices really delivered in the last 5 s; 0 while recording means a frozen source. */
  source_fps: Partial<Record<Track, number>>;
  /** Microphone, 0 to 1; null without a microphone. */
  level: number | null;
}

/** What the server says it lacks, counted. */
export interface Accounted {
  /** Segments still in the store and on their way. */
  held: number;
  /** Segments that are not here either, or that the server will never take. */
  lost: number;
}

export type FromWorker =
  | { type: "ready" }
  | ProgressMessage
  | HealthMessage
  | { type: "kept"; track: Track; media_epoch: number; seq: number; t_ms: number; d_ms: number }
  | { type: "stored"; track: Track; media_epoch: number; seq: number; repeat: boolean }
  | { type: "ended"; track: Track }
  | { type: "sound_ended" }
  | { type: "buffer_full"; full: boolean }
  | { type: "token_needed" }
  | { type: "fault"; cause: Cause; message: string; fields: Record<string, string> }
  | { type: "manifest"; ask: number; reply: Accounted | null };
