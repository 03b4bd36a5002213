import { beforeEach, describe, expect, it } from "vitest";

import { SegmentStore, keyOf } from "../../src/buffer/segments";
import { Cause } from "../../src/base/errors";
import { ATTEMPT, freshDisk, segment } from "./fixtures";

const ROOM = async (): Promise<StorageEstimate> => ({ usage: 0, quota: 10 * 2 ** 30 });
const FULL = async (): Promise<StorageEstimate> => ({ usage: 10 * 2 ** 30, quota: 10 * 2 ** 30 });

beforeEach(freshDisk);

describe("segment store", () => {
  it("gives back the very bytes, and forgets them only when told", async () => {
    const store = await SegmentStore.open({ estimate: ROOM });
    const record = await segment(3);
    await store.put(record);
    expect(await store.load(keyOf(record))).toEqual(record);
    await store.remove(keyOf(record));
    expect(await store.load(keyOf(record))).toBeUndefined();
    expect(await store.backlog(ATTEMPT)).toEqual({ segments: 0, bytes: 0 });
  });

  it("keeps the backlog over a reload, oldest first", async () => {
    const before = await SegmentStore.open({ estimate: ROOM });
    for (const seq of [0, 2, 1]) await before.put(await segment(seq));
    before.close();
    const after = await SegmentStore.open({ estimate: ROOM });
    expect((await after.pending(ATTEMPT)).map((meta) => meta.seq)).toEqual([0, 1, 2]);
    expect(await after.attempts()).toEqual([ATTEMPT]);
  });

  it.each([
    [0, [0, 1, 2]],
    [7, [7, 8, 9]],
  ])("numbers epochs above the server's %i and above its own, over a reload", async (server_next, expected) => {
    const before = await SegmentStore.open({ estimate: ROOM });
    const taken = [
      await before.takeEpoch(ATTEMPT, "webcam", server_next),
      await before.takeEpoch(ATTEMPT, "webcam", server_next),
    ];
    before.close();
    const after = await SegmentStore.open({ estimate: ROOM });
    taken.push(await after.takeEpoch(ATTEMPT, "webcam", server_next));
    expect(taken).toEqual(expected);
  });

  it("gives two pages of one attempt different epochs, and tracks their own", async () => {
    const [one, two] = [await SegmentStore.open({ estimate: ROOM }), await SegmentStore.open({ estimate: ROOM })];
    const taken = await Promise.all([
      one.takeEpoch(ATTEMPT, "webcam", 0),
      two.takeEpoch(ATTEMPT, "webcam", 0),
    ]);
    expect(new Set(taken).size).toBe(2);
    expect(await one.takeEpoch(ATTEMPT, "screen", 0)).toBe(0);
  });

  it("remembers the highest number made, also after the segments have left", async () => {
    const store = await SegmentStore.open({ estimate: ROOM });
    await store.takeEpoch(ATTEMPT, "webcam", 0);
    for (const seq of [0, 1, 2]) await store.put(await segment(seq));
    for (const seq of [0, 1, 2]) await store.remove([ATTEMPT, "webcam", 0, seq]);
    await store.endEpoch(ATTEMPT, "webcam", 0);
    store.close();
    const { tracks } = await (await SegmentStore.open({ estimate: ROOM })).manifest(ATTEMPT);
    expect(tracks).toEqual([{ track: "webcam", media_epoch: 0, last_seq: 2, ended: true }]);
  });

  it("keeps a stopped record as evidence but never offers it again", async () => {
    const store = await SegmentStore.open({ estimate: ROOM });
    const record = await segment(1);
    await store.put(record);
    await store.stop(keyOf(record), Cause.AlteredRepeat);
    expect(await store.pending(ATTEMPT)).toEqual([]);
    expect((await store.load(keyOf(record)))?.stopped).toBe(Cause.AlteredRepeat);
  });

  it("holds media in memory when the reserve for answers is reached, and still offers it", async () => {
    const said: boolean[] = [];
    const store = await SegmentStore.open({ estimate: FULL, onFull: (full) => said.push(full) });
    const record = await segment(1);
    await store.put(record);
    expect(said).toEqual([true]);
    expect((await store.pending(ATTEMPT)).map((meta) => meta.seq)).toEqual([1]);
    expect((await store.load(keyOf(record)))?.bytes).toEqual(record.bytes);
    await store.remove(keyOf(record));
    expect(await store.pending(ATTEMPT)).toEqual([]);
  });

  it("counts what the server lacks: still to be sent from here, or lost", async () => {
    const store = await SegmentStore.open({ estimate: FULL, overflow_bytes: 200 });
    await store.takeEpoch(ATTEMPT, "webcam", 0);
    for (const seq of [0, 1, 2, 3]) await store.put(await segment(seq)); // 1 finds no room
    await store.stop(keyOf(await segment(2)), Cause.Refused);
    const missing = [{ track: "webcam" as const, media_epoch: 0, seqs: [1, 2, 3] }];
    expect(await store.account(ATTEMPT, missing)).toEqual({ held: 1, lost: 2 });
  });

  it("writes a gap when even the memory is full, sparing the init", async () => {
    const store = await SegmentStore.open({ estimate: FULL, overflow_bytes: 200 });
    await store.takeEpoch(ATTEMPT, "webcam", 0);
    for (const seq of [0, 1, 2, 3]) await store.put(await segment(seq));
    expect((await store.pending(ATTEMPT)).map((meta) => meta.seq)).toEqual([0, 2, 3]);
    const { gaps, tracks } = await store.manifest(ATTEMPT);
    expect(gaps).toEqual([{ track: "webcam", from_ms: 0, to_ms: 1000, cause: "storage_full" }]);
    expect(tracks[0]?.last_seq).toBe(3);
  });
});
