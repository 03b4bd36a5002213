// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";

import { DarkHint, PROMISE_AGAIN_MS, type Picture, measured } from "../../src/exam/dark-hint";

const DIM: Picture = { luma: 30, brightest: 34, deviation: 22 };
const LIT: Picture = { luma: 110, brightest: 120, deviation: 50 };
const DUSK: Picture = { luma: 52, brightest: 56, deviation: 30 };
const FINGER: Picture = { luma: 40, brightest: 60, deviation: 6 };
const BLACK: Picture = { luma: 4, brightest: 5, deviation: 15 };
const AT = 1e12;

describe("the hint that it is too dark", () => {
  let hint: DarkHint;
  let now_ms: number;

  beforeEach(() => {
    localStorage.clear();
    hint = new DarkHint("dark");
    now_ms = AT;
  });

  /** Looks once a second; at which second (from now) the hint began, if it did. */
  const watch = (picture: Picture | null, seconds: number, reached = true): number[] => {
    const began: number[] = [];
    for (let second = 0; second < seconds; second += 1) {
      if (hint.look(picture, now_ms, reached)) began.push(second);
      now_ms += 1_000;
    }
    return began;
  };

  it("comes after three seconds in the dark, once, stays while it is dark, and promises no longer than it holds (R-2.19)", () => {
    expect(watch(DIM, 40)).toEqual([3]);
    expect([hint.shown, hint.promises]).toEqual([true, true]);
    expect(watch(DIM, 40)).toEqual([]);
    expect([hint.shown, hint.promises]).toEqual([true, false]);
  });

  it.each([["a room with light", LIT], ["a finger on the lens", FINGER], ["a black picture", BLACK], ["no picture", null]])(
    "does not come for %s",
    (_, picture) => {
      expect(watch(picture, 60)).toEqual([]);
      expect(hint.shown).toBe(false);
    },
  );

  it("does not come for a shadow that passes", () => {
    expect([...watch(DIM, 2), ...watch(LIT, 1), ...watch(DIM, 2)]).toEqual([]);
  });

  it("goes by itself when there is light again, and not at once when there is hardly more", () => {
    watch(DIM, 10);
    watch(DUSK, 10);
    expect(hint.shown).toBe(true);
    watch(LIT, 3);
    expect(hint.shown).toBe(false);
  });

  it("does not come back for the same dark once it was closed", () => {
    watch(DIM, 10);
    hint.dismiss();
    expect(watch(DIM, 60)).toEqual([]);
    expect(hint.shown).toBe(false);
  });

  it("promises no second minute soon after the first, also after a reload (P6)", () => {
    watch(DIM, 10);
    watch(LIT, 10);
    hint = new DarkHint("dark");
    expect(watch(DIM, 10)).toEqual([3]);
    expect([hint.shown, hint.promises]).toEqual([true, false]);
    now_ms += PROMISE_AGAIN_MS;
    watch(LIT, 10);
    watch(DIM, 10);
    expect(hint.promises).toBe(true);
  });

  it("promises nothing while the server cannot hear of it (P6)", () => {
    expect(watch(DIM, 10, false)).toEqual([3]);
    expect([hint.shown, hint.promises]).toEqual([true, false]);
  });
});

describe("what a picture is like", () => {
  it("is measured as the server does it: brightness as eyes see it, and how much the colours vary", () => {
    const picture = measured(new Uint8ClampedArray([255, 0, 0, 255, 0, 0, 0, 255]));
    expect(picture.luma).toBeCloseTo(0.299 * 127.5);
    expect(picture.brightest).toBe(127.5);
    expect(picture.deviation).toBe(127.5);
  });
});
