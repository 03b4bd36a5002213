import { describe, expect, it } from "vitest";

import type { HoldState } from "../../src/base/wire";
import { Holds } from "../../src/exam/holds";

const RULES = { on_track_loss: "hold", full_screen_action: "hold", one_screen: true };
const FRESH: HoldState = { full_screen_spent_s: 0, credit_left_s: 300, breaches: [] };
const CALM = { full_screen_s: null, extended: false, device_lost: false };

describe("a lost device", () => {
  it("hides the exam after 20 seconds and not before", () => {
    const holds = new Holds(RULES, FRESH);
    expect(holds.graceLeft(0)).toBeNull();
    holds.look({ ...CALM, device_lost: true }, 1_000);
    expect([1_000, 20_999, 21_000, 90_000].map((now) => holds.graceLeft(now))).toEqual([20, 1, 0, 0]);
    holds.look(CALM, 90_000);
    expect(holds.graceLeft(90_000)).toBeNull();
  });

  it.each(["warn", "continue_flagged"])("hides nothing where the policy says %s", (on_track_loss) => {
    const holds = new Holds({ ...RULES, on_track_loss }, FRESH);
    holds.look({ ...CALM, device_lost: true }, 0);
    expect(holds.graceLeft(60_000)).toBeNull();
    expect(holds.credit(60_000)).toBe(0);
  });

  it("gives back the hidden time, at most what is left of it", () => {
    const holds = new Holds(RULES, { ...FRESH, credit_left_s: 60 });
    holds.look({ ...CALM, device_lost: true }, 0);
    expect([19_000, 50_000, 200_000].map((now) => holds.credit(now))).toEqual([0, 30_000, 60_000]);
    expect([19_000, 50_000, 200_000].map((now) => holds.creditLeft(now))).toEqual([60, 30, 0]);
  });

  it("shows it once: until the server has written it into the deadline", () => {
    const holds = new Holds(RULES, FRESH);
    holds.look({ ...CALM, device_lost: true }, 0);
    holds.look(CALM, 50_000);
    expect(holds.credit(51_000)).toBe(30_000);
    holds.given(29_500);
    expect(holds.credit(52_000)).toBe(500);
    holds.given(60_000);
    expect(holds.credit(53_000)).toBe(0);
    expect(holds.creditLeft(53_000)).toBe(270);
  });

  it("gives nothing back where the rule pauses or stops: that is the server's", () => {
    const holds = new Holds({ ...RULES, on_track_loss: "pause" }, FRESH);
    holds.look({ ...CALM, device_lost: true }, 0);
    expect([holds.graceLeft(60_000), holds.credit(60_000)]).toEqual([0, 0]);
  });
});

describe("what has to be acknowledged", () => {
  it("is a used-up budget, once the candidate is back in full screen", () => {
    const holds = new Holds(RULES, FRESH);
    holds.look({ ...CALM, full_screen_s: 3 }, 0);
    holds.look(CALM, 1);
    expect(holds.warning).toBeNull();
    holds.look({ ...CALM, full_screen_s: 0 }, 2);
    expect(holds.warning).toBeNull();
    holds.look(CALM, 3);
    expect(holds.warning).toBe("full_screen");
    holds.acknowledge("full_screen");
    expect(holds.warning).toBeNull();
  });

  it("is nothing where leaving is only flagged", () => {
    const holds = new Holds({ ...RULES, full_screen_action: "flag" }, FRESH);
    holds.look({ ...CALM, full_screen_s: 0 }, 0);
    holds.look(CALM, 1);
    expect(holds.warning).toBeNull();
  });

  it("is a second display once it is gone, and nothing where several are allowed", () => {
    const holds = new Holds(RULES, FRESH);
    holds.look({ ...CALM, extended: true }, 0);
    expect([holds.displayHides, holds.warning]).toEqual([true, null]);
    holds.look(CALM, 1);
    expect([holds.displayHides, holds.warning]).toEqual([false, "display"]);
    const free = new Holds({ ...RULES, one_screen: false }, FRESH);
    free.look({ ...CALM, extended: true }, 0);
    expect(free.displayHides).toBe(false);
  });

  it("is what the server says a page before this one left open", () => {
    const breach = { cause: "full_screen" as const, what: "", broken_at: "2026-03-02T12:00:00.000Z", held_at: "2026-03-02T12:00:15.000Z", restored: true };
    expect(new Holds(RULES, { ...FRESH, breaches: [breach] }).warning).toBe("full_screen");
    expect(new Holds(RULES, { ...FRESH, breaches: [{ ...breach, held_at: null }] }).warning).toBeNull();
  });
});
