import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { AnswerWriter, Journal, type Moment, WRITE_EVERY_MS } from "../../src/buffer/journal";
import { ATTEMPT, freshDisk } from "./fixtures";

const AT: Moment = { client_at: "2026-11-22T09:00:00.000Z", mono_ms: 1 };
const SMALL = { ballast_bytes: 1024 };

function answer(item_id: string, response: string): { item_id: string; question_number: number; response: string } {
  return { item_id, question_number: 1, response };
}

beforeEach(freshDisk);
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A disk that takes nothing more; the ballast does not help either. */
function fillDisk(): void {
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
}

describe("journal", () => {
  it("numbers answers and entries by one counter, above the server's", async () => {
    const journal = await Journal.open(ATTEMPT, 41, SMALL);
    const numbers = [
      await journal.recordAnswer(answer("q1", "a"), AT),
      await journal.recordEntry({ kind: "question_visited", question_number: 1 }, AT),
      await journal.recordAnswer(answer("q1", "ab"), AT),
    ];
    expect(numbers).toEqual([42, 43, 44]);
    expect((await journal.waitingAnswers()).map((row) => row.response)).toEqual(["a", "ab"]);
    expect(await journal.waitingEntries()).toEqual([
      { kind: "question_visited", question_number: 1, client_seq: 43, ...AT },
    ]);
  });

  it("never gives a number twice: not after acknowledgement, a reload, nor to a second tab", async () => {
    const first = await Journal.open(ATTEMPT, 0, SMALL);
    const one = await first.recordAnswer(answer("q1", "a"), AT);
    await first.settleAnswers([{ item_id: "q1", client_seq: one, status: "saved", revision: 1 }]);
    const second = await Journal.open(ATTEMPT, 0, SMALL);
    const rest = await Promise.all([
      first.recordAnswer(answer("q1", "b"), AT),
      second.recordAnswer(answer("q1", "c"), AT),
      first.recordAnswer(answer("q1", "d"), AT),
      second.recordAnswer(answer("q1", "e"), AT),
    ]);
    expect(new Set([one, ...rest]).size).toBe(5);
    expect(Math.min(...rest)).toBeGreaterThan(one);
  });

  it("gives back after a crash what was not acknowledged, newest per question", async () => {
    const crashed = await Journal.open(ATTEMPT, 0, SMALL);
    await crashed.recordAnswer(answer("q1", "half"), AT);
    await crashed.recordAnswer(answer("q2", "x"), AT);
    await crashed.recordAnswer(answer("q1", "half a sentence"), AT);
    const reopened = await Journal.open(ATTEMPT, 0, SMALL);
    const unsent = await reopened.unsent();
    expect([...unsent].map(([item, row]) => [item, row.response])).toEqual([
      ["q1", "half a sentence"],
      ["q2", "x"],
    ]);
    expect(await reopened.waitingAnswers()).toHaveLength(3);
  });

  it.each(["saved", "repeat"] as const)("lets go of an answer that is %s", async (status) => {
    const journal = await Journal.open(ATTEMPT, 0, SMALL);
    const client_seq = await journal.recordAnswer(answer("q1", "a"), AT);
    await journal.settleAnswers([{ item_id: "q1", client_seq, status }]);
    expect(await journal.waitingAnswers()).toEqual([]);
  });

  it("keeps a rejected answer with the reason and does not send it again", async () => {
    const journal = await Journal.open(ATTEMPT, 0, SMALL);
    const client_seq = await journal.recordAnswer(answer("q1", "late"), AT);
    await journal.settleAnswers([
      { item_id: "q1", client_seq, status: "rejected", code: "after_deadline", message: "The time was over." },
    ]);
    expect(await journal.waitingAnswers()).toEqual([]);
    expect((await journal.rejected())[0]).toMatchObject({
      client_seq,
      body: { response: "late" },
      rejected: { code: "after_deadline" },
    });
  });

  it("settles entries by what the server accepted", async () => {
    const journal = await Journal.open(ATTEMPT, 0, SMALL);
    for (const kind of ["focus_lost", "focus_regained", "voided"]) await journal.recordEntry({ kind }, AT);
    await journal.settleEntries({
      accepted: [1, 2],
      rejected: [{ client_seq: 3, code: "not_allowed", message: "Only the server writes this." }],
    });
    expect(await journal.waitingEntries()).toEqual([]);
    expect((await journal.rejected()).map((row) => row.client_seq)).toEqual([3]);
  });

  it("keeps attempts apart", async () => {
    const one = await Journal.open("one", 0, SMALL);
    const two = await Journal.open("two", 0, SMALL);
    await one.recordAnswer(answer("q1", "a"), AT);
    expect(await two.waitingAnswers()).toEqual([]);
  });

  it("gives up its ballast for an answer when the disk is full", async () => {
    const journal = await Journal.open(ATTEMPT, 0, SMALL);
    const put = IDBObjectStore.prototype.put;
    const released = vi.spyOn(IDBObjectStore.prototype, "delete");
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, ...args) {
      if (released.mock.calls.length === 0) throw new DOMException("full", "QuotaExceededError");
      return put.apply(this, args);
    });
    await journal.recordAnswer(answer("q1", "a"), AT);
    expect(released.mock.calls[0]?.[0]).toBe("ballast");
    expect((await journal.waitingAnswers()).map((row) => row.response)).toEqual(["a"]);
  });

  it("holds answers in memory when the disk takes nothing, says so, and writes them when it can", async () => {
    const said: boolean[] = [];
    const journal = await Journal.open(ATTEMPT, 0, { ...SMALL, onUnsafe: (unsafe) => said.push(unsafe) });
    fillDisk();
    await journal.recordAnswer(answer("q1", "a"), AT);
    await journal.recordAnswer(answer("q1", "ab"), AT);
    expect(await journal.recordEntry({ kind: "focus_lost" }, AT)).toBeNull();
    expect((await journal.waitingAnswers()).map((row) => row.response)).toEqual(["a", "ab"]);
    expect(said).toEqual([true]);
    vi.restoreAllMocks();
    await journal.recordAnswer(answer("q1", "abc"), AT);
    expect(said).toEqual([true, false]);
    const reopened = await Journal.open(ATTEMPT, 0, SMALL);
    const kept = await reopened.waitingAnswers();
    expect(kept.map((row) => row.response)).toEqual(["a", "ab", "abc"]);
    expect(new Set(kept.map((row) => row.client_seq)).size).toBe(3);
  });
});

describe("answer writer", () => {
  function watched(): { writes: string[]; writer: AnswerWriter } {
    const writes: string[] = [];
    const journal = {
      recordAnswer: async (row: { response: unknown }) => writes.push(String(row.response)),
    };
    return { writes, writer: new AnswerWriter(journal, () => undefined, (error) => expect.unreachable(String(error))) };
  }

  it("writes the first change at once and the newest of the following within half a second", () => {
    vi.useFakeTimers();
    const { writes, writer } = watched();
    for (const text of ["h", "he", "hel"]) writer.change("q1", 1, text, AT);
    expect(writes).toEqual(["h"]);
    vi.advanceTimersByTime(WRITE_EVERY_MS);
    expect(writes).toEqual(["h", "hel"]);
  });

  it("is never more than a second behind steady typing", () => {
    vi.useFakeTimers();
    const { writes, writer } = watched();
    for (let count = 1; count <= 50; count++) {
      writer.change("q1", 1, "x".repeat(count), AT);
      vi.advanceTimersByTime(100);
      expect(count - (writes.at(-1)?.length ?? 0)).toBeLessThan(10);
    }
  });

  it("writes what waits when the page is left", async () => {
    const { writes, writer } = watched();
    writer.change("q1", 1, "a", AT);
    writer.change("q1", 1, "ab", AT);
    await writer.flush();
    expect(writes).toEqual(["a", "ab"]);
  });
});
