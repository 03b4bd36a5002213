/** How two players of one session are kept in step, and what stands in a hole: decisions from values alone. */

import type { Gap, GapCause, Track } from "../base/wire";

/** Drift nobody notices. */
export const IN_STEP_MS = 40;
/** Beyond this a nudge would take too long. */
export const FAR_MS = 500;
const NUDGE = 0.05;
/** From here on the nudge is felt; only the leader is heard, so nobody hears it. */
const FELT_MS = 120;
const PUSH = 0.25;
/** Above this rate seeking again and again would never settle; the side that is ahead waits instead. */
const FAST_RATE = 2;

export type Correction =
  | { act: "rate"; rate: number }
  | { act: "seek" }
  | { act: "wait"; who: "follower" | "leader" };

/** `drift_ms` = follower - leader; `rate` = what the person chose. */
export function correction(drift_ms: number, rate: number): Correction {
  const size = Math.abs(drift_ms);
  if (size > FAR_MS) {
    if (rate <= FAST_RATE) return { act: "seek" };
    return { act: "wait", who: drift_ms > 0 ? "follower" : "leader" };
  }
  if (size <= IN_STEP_MS) return { act: "rate", rate };
  const change = size > FELT_MS ? PUSH : NUDGE;
  return { act: "rate", rate: rate * (drift_ms > 0 ? 1 - change : 1 + change) };
}

export interface Hole {
  from_ms: number;
  to_ms: number;
  cause: GapCause;
}

export interface PlaylistPiece {
  /** Seconds on the playlist, which is the attempt's time line. */
  start: number;
  duration: number;
  gap?: boolean;
}

/** Playlist pieces marked as gaps, joined, each with the cause of the known gap it overlaps most. */
export function holesOf(pieces: readonly PlaylistPiece[], known: readonly Gap[], track: Track): Hole[] {
  const holes: Hole[] = [];
  for (const piece of pieces) {
    if (!piece.gap) continue;
    const from_ms = piece.start * 1000;
    const to_ms = (piece.start + piece.duration) * 1000;
    const before = holes.at(-1);
    if (before && from_ms - before.to_ms < 1) before.to_ms = to_ms;
    else holes.push({ from_ms, to_ms, cause: "unknown" });
  }
  for (const hole of holes) hole.cause = causeOf(hole, known.filter((gap) => gap.track === track));
  return holes;
}

function causeOf(hole: Hole, known: readonly Gap[]): GapCause {
  const overlap = (gap: Gap): number => Math.min(gap.to_ms, hole.to_ms) - Math.max(gap.from_ms, hole.from_ms);
  const best = [...known].sort((a, b) => overlap(b) - overlap(a))[0];
  return best && overlap(best) > 0 ? best.cause : "unknown";
}

/** Players stop a little before the nominal end of what they have; that still counts as standing at the hole. */
const EDGE_MS = 120;

export function holeAt(holes: readonly Hole[], t_ms: number): Hole | null {
  return holes.find((hole) => t_ms >= hole.from_ms - EDGE_MS && t_ms < hole.to_ms) ?? null;
}
