/** Which page covers the exam. One at a time, the gravest first; values in, value out. */

import type { AttemptState, Track } from "../base/wire";
import type { Warned } from "./holds";

export interface Situation {
  state: AttemptState;
  started: boolean;
  reason: string;
  /** Why it stopped (the server's EndReason); empty while that is not known. */
  end_reason: string;
  taken_over: boolean;
  /** Seconds until the reconnect window ends, null while online. */
  reconnect_s: number | null;
  lost_at_ms: number | null;
  input_blocked: boolean;
  /** A required track that is not being recorded, and why; only once that hides the exam. */
  lost_device: { what: Track | "microphone"; cause: string } | null;
  /** A second display, where the exam is taken on one. */
  second_display: boolean;
  /** Out of full screen: seconds of the budget left; null while in it or when it is not required. */
  full_screen_s: number | null;
  /** What hid the exam is over and waits for the candidate's word. */
  warning: Warned | null;
  message: { id: string; from: string; body: string } | null;
}

export type Overlay =
  | { kind: "voided"; reason: string }
  | { kind: "ended"; state: "handed_in" | "timed_out" }
  | { kind: "elsewhere" }
  | { kind: "stopped"; reason: string; end_reason: string }
  | { kind: "paused"; reason: string }
  | { kind: "reconnecting"; seconds: number; lost_at_ms: number }
  | { kind: "device_lost"; what: Track | "microphone"; cause: string }
  | { kind: "display" }
  | { kind: "full_screen"; seconds: number }
  | { kind: "warning"; cause: Warned }
  | { kind: "message"; id: string; from: string; body: string };

export function overlayOf(s: Situation): Overlay | null {
  if (s.state === "voided") return { kind: "voided", reason: s.reason };
  if (s.state === "handed_in" || s.state === "timed_out") return { kind: "ended", state: s.state };
  if (s.taken_over) return { kind: "elsewhere" };
  if (!s.started) return null;
  if (s.state === "stopped") return { kind: "stopped", reason: s.reason, end_reason: s.end_reason };
  if (s.state === "paused") return { kind: "paused", reason: s.reason };
  return running(s);
}

function running(s: Situation): Overlay | null {
  if (s.reconnect_s !== null && s.lost_at_ms !== null && s.input_blocked) {
    return { kind: "reconnecting", seconds: s.reconnect_s, lost_at_ms: s.lost_at_ms };
  }
  if (s.lost_device) return { kind: "device_lost", ...s.lost_device };
  if (s.second_display) return { kind: "display" };
  if (s.full_screen_s !== null) return { kind: "full_screen", seconds: s.full_screen_s };
  if (s.warning) return { kind: "warning", cause: s.warning };
  if (s.message) return { kind: "message", ...s.message };
  return null;
}

/** Whether the candidate may check in again without an invigilator: as the server decides it (product.md §2.5 A9). */
export function mayReturn(prevent_reentry: string, end_reason: string): boolean {
  return prevent_reentry === "off" && ["", "connection_lost", "candidate", "rule"].includes(end_reason);
}
