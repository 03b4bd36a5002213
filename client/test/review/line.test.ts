import { describe, expect, it } from "vitest";

import { BARS, afterCalm, aim, columns, density, insideOf, length, mark, nextOf, previousOf, ticks } from "../../src/review/line";
import type { Incident, Session } from "../../src/review/session";

function incident(start_s: number, end_s: number, more: Partial<Incident> = {}): Incident {
  const base = { severity: 1, state: "open", start_ms: start_s * 1000, end_ms: end_s * 1000 };
  return { ...base, ...more } as Incident;
}

const first = incident(20, 34);
const second = incident(60, 62, { severity: 3 });
const both = [first, second];
const session = { incidents: both, duration_ms: 100_000 } as Session;

describe("timeline (R-2.11 to R-2.13)", () => {
  it("marks a moment wide enough to be hit, and inside the whole", () => {
    expect(mark(99_900, 99_900, 100_000)).toEqual({ x: 98.9, width: 1.1 });
    expect(mark(10_000, 30_000, 100_000)).toEqual({ x: 10, width: 20 });
  });
  it("knows the incident playback is inside, the gravest first", () => {
    const grave = incident(22, 30, { severity: 3 });
    expect(insideOf([first, grave], 25_000)).toBe(grave);
    expect(insideOf(both, 40_000)).toBeNull();
  });
  it("runs no red line under what was dismissed", () => {
    expect(insideOf([incident(20, 34, { state: "dismissed" })], 25_000)).toBeNull();
  });
  it("steps to next and previous from the chosen one, or from the position", () => {
    expect(nextOf(both, null, 0)).toBe(first);
    expect(nextOf(both, first, 0)).toBe(second);
    expect(nextOf(both, second, 0)).toBeNull();
    expect(previousOf(both, null, 50_000)).toBe(first);
    expect(previousOf(both, first, 0)).toBeNull();
  });
  it("aims five seconds before an area that is hit, else at the place itself", () => {
    expect(aim(session, 25_000)).toEqual({ at_ms: 15_000, incident: first });
    expect(aim(session, 45_000)).toEqual({ at_ms: 45_000, incident: null });
  });
  it("skips calm parts up to the next lead-in", () => {
    expect(afterCalm(both, 0)).toBe(15_000);
    expect(afterCalm(both, 16_000)).toBeNull();
    expect(afterCalm(both, 45_000)).toBe(55_000);
    expect(afterCalm(both, 90_000)).toBeNull();
  });
  it("counts beginnings in bars", () => {
    const bars = density(both, 100_000);
    expect(bars).toHaveLength(BARS);
    expect(bars.reduce((a, b) => a + b)).toBe(2);
  });
  it("puts ticks on round times of day", () => {
    const entered = new Date("2026-11-21T10:00:02Z");
    expect(ticks(entered, 60, 600_000).slice(0, 2)).toEqual([58_000, 118_000]);
  });
  it("joins the gaps of both tracks", () => {
    const gap = { from_ms: 1, to_ms: 5, cause: "offline" as const };
    expect(columns([{ ...gap, track: "webcam" }, { ...gap, to_ms: 7, track: "screen" }])).toHaveLength(1);
  });
  it("says lengths in words", () => {
    expect([length(14_000), length(125_000), length(1_800_000)]).toEqual(["14 s", "2 min 5 s", "30 min"]);
  });
});
