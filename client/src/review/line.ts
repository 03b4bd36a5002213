/** Where things lie on the timeline: decisions from values alone. */

import type { Gap } from "../base/wire";
import type { Incident, Session } from "./session";

/** Playback begins this much before an incident. */
export const PRE_ROLL_MS = 5_000;
/** Marks are at least this wide, in percent, so that a moment can be seen and hit. */
export const MIN_MARK = 1.1;
/** Bars of the density row. */
export const BARS = 50;

/** Percent of the whole, never outside it. */
export function percent(at_ms: number, duration_ms: number): number {
  return duration_ms <= 0 ? 0 : Math.min(100, Math.max(0, (at_ms / duration_ms) * 100));
}

export interface Mark {
  x: number;
  width: number;
}

export function mark(from_ms: number, to_ms: number, duration_ms: number, least = MIN_MARK): Mark {
  const x = percent(from_ms, duration_ms);
  const width = Math.max(least, percent(to_ms, duration_ms) - x);
  return { x: Math.min(x, 100 - width), width };
}

/** The incident playback is inside: of several the gravest, then the one that began last. */
export function insideOf(incidents: readonly Incident[], at_ms: number): Incident | null {
  const inside = incidents.filter((i) => counts(i) && at_ms >= i.start_ms && at_ms <= Math.max(i.end_ms, i.start_ms + 1_000));
  return inside.sort((a, b) => b.severity - a.severity || b.start_ms - a.start_ms)[0] ?? null;
}

/** Dismissed incidents stay in the list, but no red line runs under them. */
export function counts(incident: Incident): boolean {
  return incident.state !== "dismissed";
}

/** The next incident behind the chosen one, or behind the position when none is chosen. */
export function nextOf(incidents: readonly Incident[], chosen: Incident | null, at_ms: number): Incident | null {
  if (chosen) return incidents[incidents.indexOf(chosen) + 1] ?? null;
  return incidents.find((i) => i.start_ms > at_ms) ?? null;
}

export function previousOf(incidents: readonly Incident[], chosen: Incident | null, at_ms: number): Incident | null {
  if (chosen) return incidents[incidents.indexOf(chosen) - 1] ?? null;
  return [...incidents].reverse().find((i) => i.start_ms < at_ms) ?? null;
}

/** Where playback goes for an incident. */
export function leadIn(incident: Incident): number {
  return Math.max(0, incident.start_ms - PRE_ROLL_MS);
}

/** What a click at `at_ms` means: an incident's lead-in when it hits one's mark, else the place itself. */
export function aim(session: Session, at_ms: number): { at_ms: number; incident: Incident | null } {
  const slack = (MIN_MARK / 100) * session.duration_ms;
  const hit = session.incidents.filter((i) => at_ms >= i.start_ms && at_ms <= Math.max(i.end_ms, i.start_ms + slack));
  const incident = hit.sort((a, b) => b.start_ms - a.start_ms)[0] ?? null;
  return incident ? { at_ms: leadIn(incident), incident } : { at_ms, incident: null };
}

/** The beginning of the next stretch worth watching, or null when playback is in one. */
export function afterCalm(incidents: readonly Incident[], at_ms: number): number | null {
  const marked = incidents.filter(counts);
  const inOne = marked.some((i) => at_ms >= leadIn(i) - 100 && at_ms <= i.end_ms + PRE_ROLL_MS);
  if (inOne) return null;
  const next = marked.find((i) => leadIn(i) > at_ms);
  return next ? leadIn(next) : null;
}

/** How many incidents begin in each of BARS stretches. */
export function density(incidents: readonly Incident[], duration_ms: number): number[] {
  const bars = new Array<number>(BARS).fill(0);
  for (const incident of incidents.filter(counts)) {
    const bar = Math.min(BARS - 1, Math.floor((incident.start_ms / Math.max(1, duration_ms)) * BARS));
    bars[bar] = (bars[bar] ?? 0) + 1;
  }
  return bars;
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];

/** Ticks of the time axis: at most `most`, on round times of day. */
export function ticks(entered: Date, offset_min: number, duration_ms: number, most = 10): number[] {
  const step_ms = 1000 * (STEPS_S.find((s) => (duration_ms / 1000 / s) <= most) ?? 7200);
  const local_ms = entered.getTime() + offset_min * 60_000;
  const first_ms = Math.ceil(local_ms / step_ms) * step_ms - local_ms;
  const out: number[] = [];
  for (let at_ms = first_ms; at_ms <= duration_ms * 0.985; at_ms += step_ms) out.push(at_ms);
  return out;
}

/** Gaps of both tracks as columns; overlapping ones joined. */
export function columns(gaps: readonly Gap[]): Gap[] {
  const out: Gap[] = [];
  for (const gap of [...gaps].sort((a, b) => a.from_ms - b.from_ms)) {
    const last = out.at(-1);
    if (last && gap.from_ms <= last.to_ms && gap.cause === last.cause) last.to_ms = Math.max(last.to_ms, gap.to_ms);
    else out.push({ ...gap });
  }
  return out;
}

/** "14 s", "2 min 5 s". */
export function length(ms: number): string {
  const whole = Math.max(0, Math.round(ms / 1000));
  if (whole < 60) return `${whole} s`;
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  return rest && minutes < 10 ? `${minutes} min ${rest} s` : `${minutes} min`;
}
