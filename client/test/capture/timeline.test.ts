import { describe, expect, it } from "vitest";

import { codecOrder, encoderName, fitInto, h264For } from "../../src/capture/codecs";
import { levelOf } from "../../src/capture/audio";
import { RateMeter, Thinner, Timeline } from "../../src/capture/timeline";

describe("timeline", () => {
  it("places a source with any zero on the attempt's time", () => {
    let now = 5_000;
    const timeline = new Timeline(() => now);
    expect(timeline.place(77_000_000)).toBe(5_000);
    now = 5_110; // this frame was delivered 10 ms late
    expect(timeline.place(77_100_000)).toBe(5_100);
  });

  it("corrects an offset learnt from a late first frame", () => {
    let now = 5_300; // the first frame waited 300 ms
    const timeline = new Timeline(() => now);
    timeline.place(0);
    now = 5_400;
    expect(timeline.place(400_000)).toBe(5_400);
  });

  it("moves on when the source's clock stood still", () => {
    let now = 1_000;
    const timeline = new Timeline(() => now);
    timeline.place(0);
    now = 61_000;
    expect(timeline.place(66_000)).toBe(61_000);
  });

  it("never repeats a time", () => {
    const timeline = new Timeline(() => 10);
    expect([timeline.place(0), timeline.place(0), timeline.placeNow()]).toEqual([10, 11, 12]);
  });
});

describe("thinner", () => {
  it("keeps every frame of a jittery source at the wanted rate", () => {
    const thinner = new Thinner(100);
    const times = [0, 90, 210, 290, 410, 495, 600, 705, 790, 900];
    expect(times.filter((t) => thinner.take(t))).toEqual(times);
  });

  it("halves a source of twice the rate", () => {
    const thinner = new Thinner(1000 / 15);
    const times = Array.from({ length: 300 }, (_, index) => (index * 1000) / 30);
    expect(times.filter((t) => thinner.take(t)).length).toBeCloseTo(150, -1);
  });
});

describe("figures", () => {
  it("counts what the source delivered, zero when it is frozen", () => {
    const rate = new RateMeter();
    for (let t = 0; t < 5_000; t += 100) rate.mark(t);
    expect(rate.perSecond(4_999)).toBe(10);
    expect(rate.perSecond(11_000)).toBe(0);
  });

  it("measures silence as 0 and full scale as 1", () => {
    expect(levelOf(new Float32Array(480))).toBe(0);
    expect(levelOf(new Float32Array(480).fill(1))).toBe(1);
    expect(levelOf(new Float32Array(480).fill(0.001))).toBeCloseTo(0, 5);
  });
});

describe("codecs", () => {
  it.each([
    ["webcam", 640, 480, "avc1.42E01E"],
    ["webcam", 1280, 720, "avc1.42E01F"],
    ["screen", 1920, 1080, "avc1.640028"],
    ["screen", 3840, 2160, "avc1.640033"],
  ] as const)("asks for the level that %s %ix%i needs", (track, width, height, codec) => {
    expect(h264For(track, width, height)).toBe(codec);
  });

  it("falls back from H.264 to VP9 to VP8", () => {
    expect(codecOrder("webcam", 640, 480).map((codec) => codec.slice(0, 4))).toEqual(["avc1", "vp09", "vp08"]);
    expect(encoderName("vp08.00.40.08")).toBe("vp8");
  });

  it.each([
    [640, 480, [640, 480]],
    [1280, 960, [640, 480]],
    [801, 451, [640, 360]],
    [641, 361, [640, 360]],
    [1, 1, [2, 2]],
  ] as const)("fits %ix%i into an even size", (width, height, size) => {
    expect(fitInto(width, height, 640, 480)).toEqual([...size]);
  });
});
