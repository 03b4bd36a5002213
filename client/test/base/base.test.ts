import { describe, expect, it, vi } from "vitest";

import { Backoff, pause } from "../../src/base/backoff";
import { ServerClock, anchorFrom } from "../../src/base/clock";

describe("server clock", () => {
  it("follows the monotonic clock, whatever the computer's date is", () => {
    let mono = 100;
    vi.useFakeTimers({ toFake: ["Date"] });
    const clock = new ServerClock({ server_ms: 1_000_000, mono_ms: 100 }, () => mono);
    vi.setSystemTime(new Date("1999-01-01"));
    mono = 350;
    expect(clock.now()).toBe(1_000_250);
    vi.useRealTimers();
  });

  it("learns from quicker answers and never steps back", () => {
    let mono = 0;
    const clock = new ServerClock({ server_ms: 1_000, mono_ms: 80 }, () => mono);
    clock.learn({ server_ms: 2_000, mono_ms: 1_010 }); // 70 ms quicker
    mono = 2_000;
    expect(clock.now()).toBe(2_990);
    clock.learn({ server_ms: 2_500, mono_ms: 2_000 }); // slow, or the server's clock was set back
    expect(clock.now()).toBe(2_990);
  });

  it("refuses a date it cannot read", () => {
    expect(() => anchorFrom("soon", 0)).toThrow(/not a date/);
  });
});

describe("backoff", () => {
  it("doubles from half a second to five, and begins again after success", () => {
    const backoff = new Backoff(() => 1);
    expect(Array.from({ length: 6 }, () => backoff.next())).toEqual([500, 1000, 2000, 4000, 5000, 5000]);
    backoff.reset();
    expect(backoff.next()).toBe(500);
  });

  it.each([0, 0.3, 0.999])("stays between half and the whole step (draw %f)", (draw) => {
    const wait = new Backoff(() => draw).next();
    expect(wait).toBeGreaterThanOrEqual(250);
    expect(wait).toBeLessThanOrEqual(500);
  });

  it("ends a pause early when told", async () => {
    const stop = new AbortController();
    const paused = pause(60_000, stop.signal);
    stop.abort();
    await expect(paused).resolves.toBeUndefined();
  });
});
