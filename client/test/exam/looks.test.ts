// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import "../../src/exam/check/looks-view";
import { type ExamLooks, HOLD_MS } from "../../src/exam/check/looks-view";
import { HEIGHT_PX, type Look, MAX_BYTES, WIDTH_PX, fitted, smallEnough } from "../../src/exam/check/still";
import type { LookName } from "../../src/exam/facts";
import type { Media } from "../../src/exam/media";
import { FACTS } from "./site";

const LOOKS: LookName[] = ["middle", "left", "right", "down"];

describe("a still of the camera", () => {
  it.each([
    [640, 480, { x: 0, y: 0, width: 640, height: 480 }],
    [1280, 720, { x: 0, y: 60, width: 640, height: 360 }],
    [480, 640, { x: 140, y: 0, width: 360, height: 480 }],
    [320, 240, { x: 0, y: 0, width: 640, height: 480 }],
  ])("stands whole and undistorted in %i x %i", (width, height, place) => {
    expect(fitted(width, height)).toEqual(place);
    expect(place.x * 2 + place.width).toBe(WIDTH_PX);
    expect(place.y * 2 + place.height).toBe(HEIGHT_PX);
  });

  it("is the best one that is small enough", async () => {
    const made: number[] = [];
    const still = await smallEnough(async (quality) => {
      made.push(quality);
      return new Blob(["x".repeat(Math.round(MAX_BYTES * 1.3 * quality))]);
    });
    expect(made).toEqual([0.85, 0.7]);
    expect(still.size).toBeLessThanOrEqual(MAX_BYTES);
    await expect(smallEnough(async () => new Blob(["x".repeat(MAX_BYTES + 1)]))).rejects.toThrow("small enough");
  });
});

describe("the pictures of the system check", () => {
  let view: ExamLooks;
  let told: Look[][];
  let broken: boolean;

  const primary = (): HTMLButtonElement => view.querySelector<HTMLButtonElement>(".cfoot .primary") as HTMLButtonElement;
  const said = (): string => view.querySelector("[role=status]")?.textContent ?? "";
  const press = async (name: string): Promise<void> => {
    [...view.querySelectorAll("button")].find((one) => one.textContent?.includes(name))?.click();
    await view.updateComplete;
  };
  const shoot = async (): Promise<void> => {
    primary().click();
    await vi.advanceTimersByTimeAsync(HOLD_MS);
    await view.updateComplete;
  };

  beforeEach(async () => {
    vi.useFakeTimers();
    told = [];
    broken = false;
    view = document.createElement("exam-looks") as ExamLooks;
    view.facts = { ...FACTS, looks: LOOKS };
    view.media = { camera: null } as unknown as Media;
    view.done = (taken) => told.push(taken);
    view.take = async () => {
      if (broken) throw new Error("no picture");
      return "/9j/";
    };
    document.body.replaceChildren(view);
    await view.updateComplete;
  });

  afterEach(() => void vi.useRealTimers());

  it("are taken one press each, in order, with the words for the ear", async () => {
    expect(document.activeElement).toBe(primary());
    for (const [index, words] of ["middle", "left edge", "right edge", "keyboard"].entries()) {
      expect(said()).toContain(words);
      expect(primary().textContent).toContain(`Take picture ${index + 1}`);
      await shoot();
      expect(said()).toContain(`Picture ${index + 1} of 4 taken`);
    }
    await press("Continue to agreement");
    expect(told).toEqual([LOOKS.map((look) => ({ look, jpeg: "/9j/" }))]);
  });

  it("wait until the person has looked there, however often the button is pressed", async () => {
    primary().click();
    primary().click();
    await vi.advanceTimersByTimeAsync(HOLD_MS - 1);
    await view.updateComplete;
    expect(said()).toContain("hold still");
    expect(view.querySelectorAll("img")).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(HOLD_MS);
    await view.updateComplete;
    expect(view.querySelectorAll("img")).toHaveLength(1);
  });

  it("can be taken again, and left out at any moment without a trace", async () => {
    await shoot();
    await press("Take them again");
    expect(view.querySelectorAll("img")).toHaveLength(0);
    await shoot();
    await press("Go on without");
    expect(told).toEqual([[]]);
  });

  it("never stand in the way when the camera gives none", async () => {
    broken = true;
    await shoot();
    expect(said()).toContain("go on without");
    await press("Go on without");
    expect(told).toEqual([[]]);
  });
});
