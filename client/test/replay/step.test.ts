import { describe, expect, it } from "vitest";

import { correction, holeAt, holesOf } from "../../src/replay/step";

describe("keeping two players in step", () => {
  it.each([
    [0, 1, { act: "rate", rate: 1 }],
    [40, 1, { act: "rate", rate: 1 }],
    [41, 1, { act: "rate", rate: 0.95 }],
    [-100, 2, { act: "rate", rate: 2.1 }],
    [-300, 2, { act: "rate", rate: 2.5 }],
    [501, 1, { act: "seek" }],
    [-900, 2, { act: "seek" }],
    [600, 4, { act: "wait", who: "follower" }],
    [-600, 4, { act: "wait", who: "leader" }],
  ])("a follower %i ms off at rate %f: %o", (drift_ms, rate, move) => {
    expect(correction(drift_ms, rate)).toEqual(move);
  });
});

describe("holes", () => {
  const pieces = [
    { start: 0, duration: 3.2, gap: true },
    { start: 3.2, duration: 10 },
    { start: 13.2, duration: 10, gap: true },
    { start: 23.2, duration: 5, gap: true },
    { start: 28.2, duration: 10 },
  ];

  it("joins gap entries and names their causes from the server's rows of that track", () => {
    const known = [
      { track: "webcam", from_ms: 13_000, to_ms: 28_500, cause: "device_lost" },
      { track: "screen", from_ms: 0, to_ms: 99_000, cause: "offline" },
    ] as const;
    expect(holesOf(pieces, known, "webcam")).toEqual([
      { from_ms: 0, to_ms: 3200, cause: "unknown" },
      { from_ms: 13_200, to_ms: 28_200, cause: "device_lost" },
    ]);
  });

  it("finds the hole a player stands before or in, and none behind it", () => {
    const holes = holesOf(pieces, [], "webcam");
    expect(holeAt(holes, 13_150)?.to_ms).toBe(28_200);
    expect(holeAt(holes, 20_000)?.to_ms).toBe(28_200);
    expect(holeAt(holes, 28_200)).toBeNull();
    expect(holeAt(holes, 10_000)).toBeNull();
  });
});
