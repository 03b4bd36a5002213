import { describe, expect, it } from "vitest";

import { type Sample, type VideoFormat, codecsOf, fragment, initSegment } from "../../src/capture/mux";
import { type Box, boxes, find, tree, u32At, u64At } from "./boxes";

const H264: VideoFormat = {
  codec: "avc1.42E01E",
  width: 640,
  height: 480,
  description: Uint8Array.of(1, 0x42, 0xe0, 0x1e, 0xff, 0xe1),
};
const SOUND = { channels: 1, sample_rate: 48_000 };
const TRAK = "trak(tkhd mdia(mdhd hdlr minf(%H dinf(dref) stbl(stsd stts stsc stsz stco))))";

function samples(start_ms: number, count: number, d_ms: number, size: number): Sample[] {
  return Array.from({ length: count }, (_, index) => ({
    t_ms: start_ms + index * d_ms,
    d_ms,
    key: index === 0,
    bytes: new Uint8Array(size).fill(index + 1),
  }));
}

interface Read {
  id: number;
  start: number;
  durations: number[];
  sizes: number[];
  flags: number[];
  offset: number;
}

function readTraf(traf: Box): Read {
  const trun = find(traf.children, "trun").body;
  const count = u32At(trun, 4);
  const column = (place: number): number[] =>
    Array.from({ length: count }, (_, index) => u32At(trun, 12 + index * 12 + place * 4));
  return {
    id: u32At(find(traf.children, "tfhd").body, 4),
    start: u64At(find(traf.children, "tfdt").body, 4),
    durations: column(0),
    sizes: column(1),
    flags: column(2),
    offset: u32At(trun, 8),
  };
}

describe("init segment", () => {
  it("has the boxes of one video and one sound track", () => {
    const video = TRAK.replace("%H", "vmhd");
    const audio = TRAK.replace("%H", "smhd");
    expect(tree(boxes(initSegment(H264, SOUND)))).toBe(`ftyp moov(mvhd ${video} ${audio} mvex(trex trex))`);
  });

  it("leaves the sound track out without a microphone", () => {
    expect(tree(boxes(initSegment(H264, null)))).toBe(`ftyp moov(mvhd ${TRAK.replace("%H", "vmhd")} mvex(trex))`);
  });

  it("carries size, timescale and the encoder's avcC unchanged", () => {
    const init = boxes(initSegment(H264, null));
    const stsd = find(init, "moov/trak/mdia/minf/stbl/stsd").body;
    const entry = boxes(stsd.subarray(8))[0] as Box;
    expect(entry.name).toBe("avc1");
    expect(u32At(entry.body, 24)).toBe((640 << 16) | 480);
    const avcC = boxes(entry.body.subarray(78))[0] as Box;
    expect([avcC.name, [...avcC.body]]).toEqual(["avcC", [...(H264.description as Uint8Array)]]);
    expect(u32At(find(init, "moov/trak/mdia/mdhd").body, 12)).toBe(90_000);
  });

  it("says 48 kHz for sound in both places, whatever the microphone's rate", () => {
    const trak = find(boxes(initSegment(H264, { channels: 1, sample_rate: 44_100 })), "moov").children[2] as Box;
    const entry = boxes(find(trak.children, "mdia/minf/stbl/stsd").body.subarray(8))[0] as Box;
    const dOps = boxes(entry.body.subarray(28))[0] as Box;
    expect(u32At(entry.body, 24) / 0x10000).toBe(48_000);
    expect([dOps.name, [...dOps.body]]).toEqual(["dOps", [0, 1, 1, 56, 0, 0, 0xbb, 0x80, 0, 0, 0]]);
  });

  it("describes VP9 by vpcC", () => {
    const init = boxes(initSegment({ codec: "vp09.00.40.08", width: 640, height: 480 }, null));
    const entry = boxes(find(init, "moov/trak/mdia/minf/stbl/stsd").body.subarray(8))[0] as Box;
    const vpcC = boxes(entry.body.subarray(78))[0] as Box;
    expect([entry.name, vpcC.name, [...vpcC.body]]).toEqual(["vp09", "vpcC", [1, 0, 0, 0, 0, 40, 0x82, 1, 1, 1, 0, 0]]);
  });

  it("refuses H.264 without its configuration", () => {
    expect(() => initSegment({ codec: "avc1.42E01E", width: 640, height: 480 }, null)).toThrow(/avcC/);
  });

  it("names the codecs as the index wants them", () => {
    expect(codecsOf(H264, SOUND)).toBe("avc1.42E01E,opus");
    expect(codecsOf(H264, null)).toBe("avc1.42E01E");
  });
});

describe("fragment", () => {
  it("carries both tracks, each with absolute time, and its samples where the offsets say", () => {
    const whole = fragment(7, samples(3_600_000, 3, 40, 100), samples(3_600_010, 2, 20, 30));
    const parsed = boxes(whole);
    expect(tree(parsed)).toBe("moof(mfhd traf(tfhd tfdt trun) traf(tfhd tfdt trun)) mdat");
    expect(u32At(find(parsed, "moof/mfhd").body, 4)).toBe(7);
    const [video, audio] = find(parsed, "moof").children.slice(1).map(readTraf) as [Read, Read];
    expect(video).toMatchObject({ id: 1, start: 324_000_000, durations: [3600, 3600, 3600], sizes: [100, 100, 100] });
    expect(video.flags).toEqual([0x02000000, 0x01010000, 0x01010000]);
    expect(audio).toMatchObject({ id: 2, start: 172_800_480, durations: [960, 960], sizes: [30, 30] });
    expect([...whole.subarray(video.offset, video.offset + 1)]).toEqual([1]);
    expect([...whole.subarray(video.offset + 100, video.offset + 101)]).toEqual([2]);
    expect(whole.length).toBe(audio.offset + 60);
  });

  it("has no track box for an absent track", () => {
    expect(tree(boxes(fragment(1, samples(0, 2, 40, 10), [])))).toBe("moof(mfhd traf(tfhd tfdt trun)) mdat");
  });

  it("does not let rounded durations drift", () => {
    const third = samples(0, 3_000, 1000 / 30.3, 1);
    const [video] = find(boxes(fragment(1, third, [])), "moof").children.slice(1).map(readTraf) as [Read];
    const end = video.durations.reduce((sum, ticks) => sum + ticks, 0);
    expect(Math.abs(end - (3_000 / 30.3) * 90_000)).toBeLessThanOrEqual(1);
  });

  it("writes times beyond 32 bits", () => {
    const day_ms = 24 * 3_600_000;
    const [video] = find(boxes(fragment(1, samples(day_ms, 1, 40, 1), [])), "moof").children.slice(1).map(readTraf) as [
      Read,
    ];
    expect(video.start).toBe(day_ms * 90);
  });
});
