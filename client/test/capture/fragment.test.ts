import { describe, expect, it } from "vitest";

import { type Cut, Fragmenter } from "../../src/capture/fragment";
import type { Sample, VideoFormat } from "../../src/capture/mux";

const FORMAT: VideoFormat = { codec: "avc1.42E01E", width: 640, height: 480 };

function sample(t_ms: number, key = false, d_ms = 40): Sample {
  return { t_ms, d_ms, key, bytes: Uint8Array.of(1) };
}

function cutter(grid_ms: number): { cuts: Cut[]; fragmenter: Fragmenter } {
  const cuts: Cut[] = [];
  return { cuts, fragmenter: new Fragmenter({ grid_ms, frame_ms: 66 }, (cut) => cuts.push(cut)) };
}

describe("fragmenter", () => {
  it("cuts at each keyframe and stretches the last frame to it", () => {
    const { cuts, fragmenter } = cutter(10_000);
    for (const [t, key] of [[100, true], [500, false], [1000, true], [1066, false]] as const) {
      fragmenter.pushVideo(sample(t, key), FORMAT);
    }
    expect(cuts).toHaveLength(1);
    expect(cuts[0]).toMatchObject({ t_ms: 100, d_ms: 900, key: true });
    expect(cuts[0]?.video.map((row) => row.d_ms)).toEqual([400, 500]);
  });

  it("cuts between keyframes at the grid, marked as not decodable alone", () => {
    const { cuts, fragmenter } = cutter(2_000);
    for (let t = 0; t <= 6_000; t += 200) fragmenter.pushVideo(sample(t, t === 0), FORMAT);
    expect(cuts.map((cut) => [cut.t_ms, cut.d_ms, cut.key])).toEqual([
      [0, 2000, true],
      [2000, 2000, false],
      [4000, 2000, false],
    ]);
  });

  it("drops frames before the first keyframe", () => {
    const { cuts, fragmenter } = cutter(1_000);
    fragmenter.pushVideo(sample(0), FORMAT);
    fragmenter.finish(100);
    expect(cuts).toEqual([]);
  });

  it("puts sound with the pictures of its time and loses none", () => {
    const { cuts, fragmenter } = cutter(1_000);
    fragmenter.pushVideo(sample(0, true), FORMAT);
    for (let t = 0; t < 2_000; t += 20) fragmenter.pushAudio(sample(t, true, 20));
    fragmenter.pushVideo(sample(1_000, true), FORMAT);
    fragmenter.pushVideo(sample(2_000, true), FORMAT);
    expect(cuts.map((cut) => [cut.audio[0]?.t_ms, cut.audio.length])).toEqual([
      [0, 50],
      [1000, 50],
    ]);
  });

  it("cuts pictures without waiting for sound", () => {
    const { cuts, fragmenter } = cutter(1_000);
    fragmenter.pushVideo(sample(0, true), FORMAT);
    fragmenter.pushVideo(sample(1_000, true), FORMAT);
    expect(cuts[0]?.audio).toEqual([]);
  });

  it.each([
    ["its nominal length at least", 60, 66],
    ["the time until the source ended, so that a slow camera leaves no hole", 740, 700],
    ["no more than a second of it: what stood still longer was not seen", 9_000, 1_000],
  ])("gives the last frame %s", (_said, ended_ms, d_ms) => {
    const { cuts, fragmenter } = cutter(1_000);
    fragmenter.pushVideo(sample(40, true), FORMAT);
    fragmenter.finish(ended_ms);
    expect(cuts[0]).toMatchObject({ t_ms: 40, d_ms });
  });
});
