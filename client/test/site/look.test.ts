// look/README §6: times `10:42:51`, countdown `57:09`; the same rules as examhall/site/look.py.
import { describe, expect, it } from "vitest";
import { clock, countdown } from "../../src/base/look";
import { clockText } from "../../src/site/clock";

describe("times as the look writes them", () => {
  it.each([
    [0, "0:00"],
    [95, "1:35"],
    [3429.9, "57:09"],
    [5925, "1:38:45"],
    [-3, "0:00"],
  ])("shows %s seconds left as %s", (seconds, figures) => {
    expect(countdown(seconds)).toBe(figures);
  });

  it("shows a moment in the zone of the page, not of this computer", () => {
    expect(clock(new Date("2026-11-21T09:42:51.900Z"), 60)).toBe("10:42:51");
  });

  it("goes over midnight with the zone", () => {
    expect(clockText(new Date("2026-11-21T23:30:00Z"), 60, "CET")).toBe("22 Nov, 00:30:00 CET");
  });
});
