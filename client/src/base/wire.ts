/** Shapes of the live wire v1. Field names and units are the server's; nothing is renamed on the way. */

export type Track = "webcam" | "screen";
export type SegmentKind = "init" | "fragment";
export type GapCause =
  | "offline"
  | "device_lost"
  | "permission_revoked"
  | "paused"
  | "client_crash"
  | "server_outage"
  | "storage_full"
  | "pending_upload"
  | "unknown";
export type AttemptState =
  | "entering"
  | "in_progress"
  | "paused"
  | "interrupted"
  | "stopped"
  | "handed_in"
  | "timed_out"
  | "voided";
export type AnswerResponse = string | string[] | null;
export type ExtraValue = string | number | boolean;

export interface WireError {
  code: string;
  message: string;
  fields: Record<string, string>;
}

export interface ConnectReply {
  token: string;
  epoch: number;
  server_now: string;
  entered_at: string;
  state: AttemptState;
  started_at: string | null;
  deadline_at: string | null;
  policy: Record<string, unknown>;
  questions: { number: number; item_id: string; title: string; kind: string; max_score: number }[];
  answers: { item_id: string; client_seq: number; response: AnswerResponse; saved_at: string }[];
  next_media_epoch: Partial<Record<Track, number>>;
  last_client_seq: number;
  required_tracks: Track[];
  hold: HoldState;
}

/** How the attempt stands with the hold rules: a page that is opened again goes on from here. */
export interface HoldState {
  full_screen_spent_s: number;
  credit_left_s: number;
  breaches: { cause: "full_screen" | "device" | "display"; what: string; broken_at: string; held_at: string | null; restored: boolean }[];
}

export interface HeartbeatRequest {
  epoch: number;
  question_number?: number;
  mono_ms: number;
  client_at: string;
  source_fps: Partial<Record<Track, number>>;
  backlog: Backlog;
  full_screen: boolean;
  visible: boolean;
  messages_read?: string[];
}

/** A message from staff, the same from the socket and with a heartbeat's answer. */
export interface MessagePush {
  type: "message";
  id: string;
  from: string;
  body: string;
  at: string;
}

export interface HeartbeatReply {
  server_now: string;
  state: AttemptState;
  deadline_at: string | null;
  load: number;
  token?: string;
  last_entry: number;
  reason?: string;
  end_reason?: string;
  messages?: MessagePush[];
}

export interface AnswerOut {
  item_id: string;
  question_number: number;
  client_seq: number;
  client_at: string;
  mono_ms: number;
  response: AnswerResponse;
}

export interface AnswerResult {
  item_id: string;
  client_seq: number;
  status: "saved" | "repeat" | "rejected";
  revision?: number;
  hash?: string;
  saved_at?: string;
  code?: string;
  message?: string;
}

export interface EntryOut {
  client_seq: number;
  kind: string;
  client_at: string;
  mono_ms: number;
  question_number?: number;
  item_id?: string;
  error?: string;
  extra?: Record<string, ExtraValue>;
}

export interface EntriesReply {
  server_now: string;
  accepted: number[];
  rejected: { client_seq: number; code: string; message: string }[];
}

/** What waits on this device for the server. */
export interface Backlog {
  segments: number;
  bytes: number;
}

export interface PutReply {
  server_now: string;
  load: number;
}

export interface Gap {
  track: Track;
  from_ms: number;
  to_ms: number;
  cause: GapCause;
}

export interface ManifestTrack {
  track: Track;
  media_epoch: number;
  last_seq: number;
  ended: boolean;
}

export interface ManifestReply {
  missing: { track: Track; media_epoch: number; seqs: number[] }[];
  server_now: string;
}

/** Text header that announces the one binary message following it on the desk socket. */
export interface MediaHeader {
  type: "media";
  attempt: string;
  track: Track;
  media_epoch: number;
  seq: number;
  kind: SegmentKind;
  t_ms: number;
  d_ms: number;
  key: boolean;
  codecs?: string;
}

export interface JournalEntry {
  number: number;
  kind: string;
  [field: string]: unknown;
}

export type DeskMessage =
  | { type: "entries"; entries: JournalEntry[] }
  | { type: "changed"; attempt: string }
  | { type: "thumb"; attempt: string; [field: string]: unknown }
  | MediaHeader;

export interface WatchedTrack {
  attempt: string;
  track: Track;
}
