import { beforeEach, describe, expect, it } from "vitest";

import { SegmentStore } from "../../src/buffer/segments";
import type { Sample, VideoFormat } from "../../src/capture/mux";
import { Recorder } from "../../src/capture/recorder";
import { ATTEMPT, freshDisk } from "../buffer/fixtures";

const SMALL: VideoFormat = { codec: "avc1.42E01E", width: 640, height: 480, description: Uint8Array.of(1, 2) };
const WIDE: VideoFormat = { codec: "avc1.42E01F", width: 1280, height: 720, description: Uint8Array.of(1, 3) };
const SOUND = { channels: 1, sample_rate: 48_000 };

let store: SegmentStore;
let kept: { media_epoch: number; seq: number; t_ms: number; d_ms: number; codecs?: string | undefined }[];

beforeEach(async () => {
  freshDisk();
  store = await SegmentStore.open({ estimate: async () => ({ usage: 0, quota: 1e10 }) });
  kept = [];
});

function recorder(expects_sound: boolean, server_next_epoch = 0): Recorder {
  return new Recorder({
    attempt: ATTEMPT,
    track: "webcam",
    store,
    server_next_epoch,
    grid_ms: 1_000,
    frame_ms: 66,
    expects_sound,
    gap_cause: "client_crash",
    onStored: ({ media_epoch, seq, t_ms, d_ms, codecs }) => kept.push({ media_epoch, seq, t_ms, d_ms, codecs }),
    onError: (error) => expect.unreachable(String(error)),
  });
}

function sample(t_ms: number, d_ms: number): Sample {
  return { t_ms, d_ms, key: true, bytes: Uint8Array.of(1, 2, 3) };
}

/** Seconds `from` to `to` of pictures, each one a keyframe per second, with or without sound. */
function feed(into: Recorder, from_s: number, to_s: number, sound: boolean, format = SMALL): void {
  for (let s = from_s; s <= to_s; s++) {
    into.video(sample(s * 1000, 66), format);
    for (let part = 0; sound && part < 50; part++) into.audio(sample(s * 1000 + part * 20, 20), SOUND);
  }
}

function shape(): string {
  return kept.map((row) => (row.codecs ? `${row.media_epoch}:${row.codecs}` : `${row.media_epoch}.${row.seq}`)).join(" ");
}

describe("recorder", () => {
  it("writes the init first and numbers fragments from 1, without holes between them", async () => {
    const recording = recorder(true);
    feed(recording, 0, 3, true);
    await recording.finish(0);
    expect(shape()).toBe("0:avc1.42E01E,opus 0.1 0.2 0.3 0.4");
    expect(kept.slice(1, 4).map((row) => [row.t_ms, row.d_ms])).toEqual([
      [0, 1000],
      [1000, 1000],
      [2000, 1000],
    ]);
  });

  it("waits a moment for the microphone instead of beginning with two epochs", async () => {
    const recording = recorder(true);
    feed(recording, 0, 0, false);
    feed(recording, 1, 4, true);
    await recording.finish(0);
    expect(shape()).toBe("0:avc1.42E01E,opus 0.1 0.2 0.3 0.4 0.5");
  });

  it("does not wait for ever", async () => {
    const recording = recorder(true);
    feed(recording, 0, 3, false);
    await recording.finish(0);
    expect(shape()).toBe("0:avc1.42E01E 0.1 0.2 0.3 0.4");
  });

  it("goes on without sound in a new epoch when the microphone is lost, and back", async () => {
    const recording = recorder(true);
    feed(recording, 0, 2, true);
    feed(recording, 3, 7, false);
    feed(recording, 8, 9, true);
    await recording.finish(0);
    expect(shape()).toBe(
      "0:avc1.42E01E,opus 0.1 0.2 0.3 0.4 1:avc1.42E01E 1.1 1.2 1.3 1.4 2:avc1.42E01E,opus 2.1 2.2",
    );
    const times = kept.filter((row) => !row.codecs).map((row) => row.t_ms);
    expect(times).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((s) => s * 1000));
  });

  it("takes a new epoch when size or codec change", async () => {
    const recording = recorder(false);
    feed(recording, 0, 1, false);
    feed(recording, 2, 3, false, WIDE);
    await recording.finish(0);
    expect(shape()).toBe("0:avc1.42E01E 0.1 0.2 1:avc1.42E01F 1.1 1.2");
    expect((await store.manifest(ATTEMPT)).tracks.map((row) => [row.media_epoch, row.last_seq, row.ended])).toEqual([
      [0, 2, true],
      [1, 2, true],
    ]);
  });

  it("starts behind an earlier page's epochs and writes down the hole with its cause", async () => {
    const before = recorder(false);
    feed(before, 0, 3, false);
    await before.finish(0);
    const after = recorder(false);
    feed(after, 20, 21, false);
    await after.finish(0);
    expect(kept.at(-1)?.media_epoch).toBe(1);
    expect((await store.manifest(ATTEMPT)).gaps).toEqual([
      { track: "webcam", from_ms: 3066, to_ms: 20_000, cause: "client_crash" },
    ]);
  });

  it("obeys the server's numbering when this browser has none", async () => {
    const recording = recorder(false, 5);
    feed(recording, 0, 1, false);
    await recording.finish(0);
    expect(kept[0]?.media_epoch).toBe(5);
  });
});
