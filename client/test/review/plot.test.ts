import { describe, expect, it } from "vitest";
import { plot } from "../../src/review/plot";
import type { Incident, Session } from "../../src/review/session";

const session = { entered_at: "2026-11-21T10:00:00Z", offset_min: 60 } as Session;
const incident = (changes: Partial<Incident> = {}): Incident =>
  ({ start_ms: 5_000, end_ms: 9_000, needed_s: 3, plot: [[0, 0], [5_000, 0.8], [9_000, 0]], plot_threshold: 0.7, plot_unit: "certainty", ...changes }) as Incident;
/** Everything a template holds, however deep, as text. */
const text = (part: unknown): string => {
  if (Array.isArray(part)) return part.map(text).join("");
  const { strings, values } = (part ?? {}) as { strings?: string[]; values?: unknown[] };
  return strings && values ? strings.map((one, n) => one + text(values[n])).join("") : typeof part === "string" || typeof part === "number" ? String(part) : "";
};

describe("the plot of an incident", () => {
  it("has a name that says what, when, against which threshold and for how long", () => {
    expect(text(plot(session, incident(), 0))).toContain(
      "Measured, certainty, from 11:00:00 to 11:00:09. Marked 11:00:05 to 11:00:09, threshold 0.7, needed 3 s.",
    );
  });

  it("says no threshold where presence alone counts", () => {
    const drawn = text(plot(session, incident({ plot_threshold: null, plot_unit: "" }), 0));
    expect(drawn).toContain("Measured from 11:00:00 to 11:00:09. Marked 11:00:05 to 11:00:09, needed 3 s.");
    expect(drawn).not.toContain("threshold");
  });
});
