import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Cause } from "../../src/base/errors";
import { SegmentStore, keyOf } from "../../src/buffer/segments";
import { OUTAGE_AFTER_MS, Uploader, type UploadReport } from "../../src/upload/uploader";
import { ATTEMPT, freshDisk, segment } from "../buffer/fixtures";
import { FakeServer, atOnce, letPass, runUntil } from "./fixtures";

let server: FakeServer;
let store: SegmentStore;
let reports: UploadReport[];
let spread_ms: number;
let uploader: Uploader;

beforeEach(async () => {
  freshDisk();
  server = new FakeServer();
  store = await SegmentStore.open({ estimate: async () => ({ usage: 0, quota: 1e10 }) });
  reports = [];
  spread_ms = 0;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  uploader = new Uploader({
    attempt: ATTEMPT,
    base_url: "http://server",
    token: "t1",
    source: store,
    report: (report) => reports.push(report),
    spread_ms: () => spread_ms,
    fetch: server.fetch,
    random: () => 0.5,
  });
});

afterEach(() => {
  uploader.close();
  vi.useRealTimers();
});

function start(): void {
  uploader.run().catch((error: unknown) => expect.unreachable(String(error)));
}

async function make(...seqs: number[]): Promise<void> {
  for (const seq of seqs) {
    const record = await segment(seq);
    await store.put(record);
    uploader.offer(record);
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function faults(): string[] {
  return reports.flatMap((report) => (report.type === "fault" ? [report.error.cause_code] : []));
}

const empty = (): boolean => reports.length > 0 && uploader.backlog().segments === 0;

describe("uploader", () => {
  it("sends each segment once and deletes it only then", async () => {
    await make(0, 1, 2);
    expect((await store.backlog(ATTEMPT)).segments).toBe(3);
    start();
    await runUntil(empty);
    expect([...server.kept.keys()].sort()).toEqual(["webcam/0/0", "webcam/0/1", "webcam/0/2"]);
    expect(await store.backlog(ATTEMPT)).toEqual({ segments: 0, bytes: 0 });
    expect(server.requests).toBe(3);
  });

  it("loses and doubles nothing over a long time offline", async () => {
    start();
    await make(0, 1, 2);
    await runUntil(empty);
    server.offline = true;
    for (const seq of range(3, 122)) {
      await make(seq);
      await letPass(200);
    }
    expect(uploader.backlog().segments).toBe(120);
    expect(reports.at(-1)).toMatchObject({ type: "progress", failing: true });
    server.offline = false;
    await runUntil(empty);
    expect(server.kept.size).toBe(123);
    expect(server.order.length).toBe(123);
    expect(faults()).toEqual([]);
  });

  it("does not hammer a server that is away", async () => {
    server.offline = true;
    start();
    await make(...range(0, 40));
    await letPass(60_000);
    expect(server.requests).toBeLessThan(45); // two lanes, each 3.75 s apart after the first steps
  });

  it("is not made impatient by new segments", async () => {
    server.offline = true;
    start();
    for (const seq of range(0, 60)) {
      await make(seq);
      await letPass(200);
    }
    expect(server.requests).toBeLessThan(20);
  });

  it("tries at once when told that the network is back", async () => {
    server.offline = true;
    start();
    await make(0);
    await letPass(30_000);
    server.offline = false;
    uploader.rouse();
    await atOnce(empty);
    expect(server.kept.size).toBe(1);
  });

  it("recognises its own repeat when only the answer was lost", async () => {
    server.lose_answers = 1;
    start();
    await make(0, 1);
    await runUntil(empty);
    expect(server.kept.size).toBe(2);
    expect(server.repeats).toBe(1);
    expect(faults()).toEqual([]);
  });

  it("sends the init and then the newest first, the backlog oldest first beside it", async () => {
    for (const seq of range(0, 40)) await store.put(await segment(seq));
    start();
    await runUntil(empty);
    const numbers = server.order.map((path) => Number(path.split("/")[2]));
    const live = numbers.filter((seq) => seq > 33);
    const backlog = numbers.filter((seq) => seq <= 33);
    expect(live).toEqual([40, 39, 38, 37, 36, 35, 34]);
    expect(backlog).toEqual(range(0, 33));
    expect(numbers.indexOf(40)).toBeLessThan(3);
  });

  it("recovers what an earlier page left", async () => {
    await store.put(await segment(0));
    await store.put(await segment(1));
    start();
    await runUntil(empty);
    expect(server.kept.size).toBe(2);
  });

  it("resends what was damaged on the way", async () => {
    server.damage = 2;
    start();
    await make(0);
    await runUntil(empty);
    expect([...server.kept.keys()]).toEqual(["webcam/0/0"]);
    expect(faults()).toEqual([]);
  });

  it("stops and reports a segment damaged in the store, and goes on with the others", async () => {
    const broken = { ...(await segment(1)), sha256: "0".repeat(64) };
    await store.put(broken);
    await store.put(await segment(2));
    start();
    await runUntil(empty);
    expect(faults()).toEqual([Cause.DamagedLocally]);
    expect([...server.kept.keys()]).toEqual(["webcam/0/2"]);
  });

  it.each([
    [409, Cause.AlteredRepeat],
    [413, Cause.Refused],
    [400, Cause.Refused],
  ])("stops a segment answered with %i for good, keeps it and reports", async (status, cause) => {
    server.status = status;
    start();
    await make(1);
    await runUntil(empty);
    const requests = server.requests;
    await letPass(30_000);
    expect(faults()).toEqual([cause]);
    expect(server.requests).toBe(requests);
    expect((await store.load(keyOf(await segment(1))))?.stopped).toBe(cause);
  });

  it.each([503, 507, 500, 429])("waits and sends again after %i", async (status) => {
    server.status = status;
    start();
    await make(0, 1);
    await letPass(10_000);
    expect((await store.backlog(ATTEMPT)).segments).toBe(2);
    expect(reports.at(-1)).toMatchObject({ type: "progress", failing: true, storage_full: status === 507 });
    server.status = null;
    await runUntil(empty);
    expect(server.kept.size).toBe(2);
    expect(reports.at(-1)).toMatchObject({ type: "progress", failing: false, storage_full: false });
  });

  it("asks the page for a token and goes on with it", async () => {
    server.token = "t2";
    start();
    await make(0);
    await letPass(2_000);
    expect(reports.filter((report) => report.type === "token_needed")).toHaveLength(1);
    expect(server.kept.size).toBe(0);
    uploader.setToken("t2");
    await runUntil(empty);
    expect(server.kept.size).toBe(1);
  });

  it("holds the backlog back by its spread after an outage, but never what is live", async () => {
    spread_ms = 20_000;
    start();
    await make(0, 1);
    await runUntil(empty);
    server.offline = true;
    await make(...range(2, 60));
    await letPass(OUTAGE_AFTER_MS + 6_000);
    server.offline = false;
    await letPass(12_000);
    const sent = server.order.map((path) => Number(path.split("/")[2]));
    expect(sent).toEqual(expect.arrayContaining(range(54, 60)));
    expect(sent.filter((seq) => seq > 3 && seq < 54)).toEqual([]);
    await runUntil(empty);
    expect(server.kept.size).toBe(61);
  });

  it("spreads nothing at its first connection", async () => {
    spread_ms = 20_000;
    server.offline = true;
    start();
    await make(...range(0, 40));
    await letPass(OUTAGE_AFTER_MS + 6_000);
    server.offline = false;
    await runUntil(empty, 15_000);
    expect(server.kept.size).toBe(41);
  });

  it("spreads nothing once the exam is over: somebody waits for the end", async () => {
    spread_ms = 20_000;
    start();
    await make(0, 1);
    await runUntil(empty);
    server.offline = true;
    await make(...range(2, 60));
    await letPass(OUTAGE_AFTER_MS + 6_000);
    server.offline = false;
    await letPass(6_000);
    expect(server.kept.size).toBeLessThan(61);
    uploader.finish();
    await runUntil(empty, 12_000);
    expect(server.kept.size).toBe(61);
  });

  it("gives up with an init what is worthless without it", async () => {
    server.refuses_init = true;
    start();
    await make(0, 1, 2);
    await runUntil(empty);
    expect(faults()).toEqual([Cause.Refused]);
    expect(await store.pending(ATTEMPT)).toEqual([]);
  });

  it("gives a loaded server room", async () => {
    server.load = 10;
    for (const seq of range(0, 40)) await store.put(await segment(seq));
    start();
    await letPass(20_000);
    expect(server.kept.size).toBeGreaterThan(10);
    expect(server.kept.size).toBeLessThan(25);
  });

  it("sends the list of what was made with the token of the moment", async () => {
    const reply = await uploader.manifest({ tracks: [], gaps: [] });
    expect(reply.missing).toEqual([]);
    server.token = "t9";
    await expect(uploader.manifest({ tracks: [], gaps: [] })).rejects.toMatchObject({ cause_code: Cause.NotSignedIn });
  });
});
