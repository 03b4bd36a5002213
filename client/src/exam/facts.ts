/** What the page is given to begin with: the JSON the server writes into it. Names and units are the server's. */

import type { AttemptState, Track } from "../base/wire";

export type StepName = "expect" | "check" | "agreement" | "start";
export type LookName = "middle" | "left" | "right" | "down";
export type LineName =
  | "browser"
  | "camera"
  | "microphone"
  | "screen"
  | "one_display"
  | "full_screen"
  | "connection"
  | "storage"
  | "clock";

export interface StartFacts {
  attempt: string;
  code: string;
  title: string;
  exam_code: string;
  candidate: string;
  support_contact: string;
  state: AttemptState;
  server_now: string;
  duration_s: number;
  ends_at: string;
  flow: { step: StepName; word: string }[];
  to_do: StepName[];
  lines: LineName[];
  /** Pictures to offer at the check, in order; empty where they serve nothing or the agreement is accepted already. */
  looks: LookName[];
  required_tracks: Track[];
  sound: boolean;
  free_space_mb: number;
  upstream_kbit_s: number;
  agreement: { title: string; paragraphs: string[]; version: number; sha256: string; download: string };
  urls: {
    connect: string;
    items: string;
    check: string;
    agreement: string;
    looks: string;
    probe: string;
    again: string;
    receipt: string;
    exams: string;
  };
}

export function readStartFacts(): StartFacts {
  const text = document.getElementById("exam-start")?.textContent;
  if (!text) throw new Error("The page came without its facts. Reload it.");
  return JSON.parse(text) as StartFacts;
}

/** The part of the frozen policy the client acts on. What is absent takes the product's default. */
export interface ClientPolicy {
  record: { video: boolean; audio: boolean; screen: boolean; on_track_loss: string };
  lock: {
    full_screen: "off" | "lenient" | "moderate" | "severe";
    full_screen_action: string;
    one_screen: boolean;
    tabs: string;
    printing: boolean;
    clipboard: "allowed" | "internal" | "disabled";
    right_click: boolean;
    developer_tools: boolean;
    prevent_reentry: string;
  };
  conn: {
    heartbeat_s: number;
    heartbeat_lost_s: number;
    reconnect_window_s: number;
    on_window_expired: string;
    offline_input: "block" | "allow";
  };
  ui: { warn_live: boolean };
}

const DEFAULTS: ClientPolicy = {
  record: { video: true, audio: true, screen: true, on_track_loss: "hold" },
  lock: {
    full_screen: "moderate",
    full_screen_action: "hold",
    one_screen: true,
    tabs: "none",
    printing: true,
    clipboard: "internal",
    right_click: true,
    developer_tools: true,
    prevent_reentry: "approval",
  },
  conn: {
    heartbeat_s: 5,
    heartbeat_lost_s: 15,
    reconnect_window_s: 120,
    on_window_expired: "stop",
    offline_input: "block",
  },
  ui: { warn_live: true },
};

export function clientPolicy(sent: Record<string, unknown>): ClientPolicy {
  const part = (name: keyof ClientPolicy): object => ({ ...DEFAULTS[name], ...((sent[name] as object | undefined) ?? {}) });
  return { record: part("record"), lock: part("lock"), conn: part("conn"), ui: part("ui") } as ClientPolicy;
}
