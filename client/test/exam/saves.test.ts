import "fake-indexeddb/auto";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { AnswerOut, AnswerResult, EntryOut } from "../../src/base/wire";
import { Journal } from "../../src/buffer/journal";
import { DoorError } from "../../src/exam/door";
import { Saves } from "../../src/exam/saves";

const NOW = "2026-11-23T09:00:00.000Z";

/** A live door that keeps what it is sent, in order, and can be made unreachable. */
class FakeDoor {
  readonly calls: string[] = [];
  readonly answersSent: AnswerOut[] = [];
  fault: DoorError | null = null;
  refuse = "";
  /** What the server can never take: anything that holds this text. */
  poison = "";
  entriesFault: DoorError | null = null;
  /** Numbers that another device has used. */
  taken = 0;

  entries(entries: EntryOut[]) {
    const fault = this.fault ?? this.entriesFault ?? this.refusal(entries);
    if (fault) return Promise.reject(fault);
    const numbers = entries.map((entry) => entry.client_seq);
    const rejected = numbers
      .filter((client_seq) => client_seq <= this.taken)
      .map((client_seq) => ({ client_seq, code: "altered_repeat", message: "Taken." }));
    this.calls.push(...entries.filter((entry) => entry.client_seq > this.taken).map((entry) => entry.kind));
    return Promise.resolve({ server_now: NOW, accepted: numbers.filter((client_seq) => client_seq > this.taken), rejected });
  }

  private refusal(sent: (EntryOut | AnswerOut)[]): DoorError | null {
    if (!this.poison || !JSON.stringify(sent).includes(this.poison)) return null;
    return new DoorError(false, 400, "bad_input", "This cannot be read.");
  }

  answers(answers: AnswerOut[]) {
    const fault = this.fault ?? this.refusal(answers);
    if (fault) return Promise.reject(fault);
    this.calls.push(...answers.map(() => "answer"));
    this.answersSent.push(...answers);
    const results = answers.map(
      ({ item_id, client_seq }): AnswerResult =>
        client_seq <= this.taken
          ? { item_id, client_seq, status: "rejected", code: "altered_repeat", message: "Taken." }
          : this.refuse
          ? { item_id, client_seq, status: "rejected", code: "paused", message: this.refuse }
          : { item_id, client_seq, status: "saved", saved_at: NOW },
    );
    return Promise.resolve({ server_now: NOW, results });
  }
}

const unreachable = (): DoorError => new DoorError(true, 0, "unreachable", "no answer");

describe("saving answers", () => {
  let door: FakeDoor;
  let journal: Journal;
  let contacts: (DoorError | null)[];
  let name = 0;

  const made: Saves[] = [];
  const make = (): Saves => {
    const saves = new Saves({
      journal,
      door,
      moment: () => ({ client_at: NOW, mono_ms: 1 }),
      onChange: () => undefined,
      onContact: (error) => contacts.push(error),
      onFault: (error) => {
        throw error;
      },
    });
    made.push(saves);
    return saves;
  };

  beforeEach(async () => {
    door = new FakeDoor();
    contacts = [];
    name += 1;
    journal = await Journal.open("attempt", 0, { name: `saves-${name}`, ballast_bytes: 16 });
  });

  afterEach(async () => {
    for (const saves of made.splice(0)) {
      saves.close();
      await saves.flush();
    }
    journal.close();
    vi.useRealTimers();
  });

  it("calls an answer saved only after the server's answer", async () => {
    const saves = make();
    saves.change("a", 1, "first");
    expect(saves.of("a").state).toBe("device");
    await saves.flush();
    expect(saves.of("a")).toMatchObject({ state: "saved", response: "first", saved_at: NOW });
  });

  it("writes what is typed into the browser's own store before anything is sent", async () => {
    door.fault = unreachable();
    const saves = make();
    saves.change("a", 1, "typed");
    await saves.flush();
    expect((await journal.waitingAnswers()).map((answer) => answer.response)).toEqual(["typed"]);
  });

  it("tells an entry again under a number of its own when another device has used its number", async () => {
    const saves = make();
    saves.note({ kind: "focus_lost" });
    await vi.waitFor(async () => expect(await journal.waitingEntries()).toHaveLength(1));
    door.taken = 5;
    saves.goOn(5);
    await saves.flush();
    expect(door.calls).toEqual(["focus_lost"]);
    expect(await journal.waitingEntries()).toEqual([]);
  });

  it("sends what was noted before the answer that followed it", async () => {
    const saves = make();
    saves.note({ kind: "question_visited" });
    saves.change("a", 1, "x");
    await saves.flush();
    expect(door.calls).toEqual(["question_visited", "answer"]);
  });

  it("sends the last of several changes of one question, and keeps nothing after it", async () => {
    const saves = make();
    saves.change("a", 1, "o");
    await journal.waitingAnswers();
    saves.change("a", 1, "on");
    saves.change("a", 1, "one");
    await saves.flush();
    expect(door.answersSent.at(-1)?.response).toBe("one");
    expect(await journal.waitingAnswers()).toEqual([]);
  });

  it("counts its numbers up over answers and entries alike", async () => {
    const saves = make();
    saves.note({ kind: "focus_lost" });
    saves.change("a", 1, "x");
    await saves.flush();
    saves.change("b", 2, "y");
    await saves.flush();
    const numbers = door.answersSent.map((answer) => answer.client_seq);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });

  it("keeps answers while the server is away, says so after three failures, and sends them when it is back", async () => {
    door.fault = unreachable();
    const saves = make();
    saves.change("a", 1, "kept");
    await saves.flush();
    await saves.flush();
    expect(saves.failing).toBe(false);
    await saves.flush();
    expect(saves.failing).toBe(true);
    expect(contacts.every((contact) => contact?.unreachable)).toBe(true);
    door.fault = null;
    await saves.flush();
    expect(saves.failing).toBe(false);
    expect(saves.of("a").state).toBe("saved");
  });

  it("replays after a reload what the server has never answered for", async () => {
    door.fault = unreachable();
    const before = make();
    before.change("b", 2, "first");
    before.change("a", 1, "before the crash");
    await before.flush();
    before.close();
    door.fault = null;
    const after = make();
    await after.restore([{ item_id: "a", client_seq: 1, response: "older", saved_at: NOW }]);
    expect(after.of("a")).toMatchObject({ state: "device", response: "before the crash" });
    await after.flush();
    expect(after.of("a").state).toBe("saved");
  });

  it("does not put an old answer of this device over a newer one of the server", async () => {
    door.fault = unreachable();
    const before = make();
    before.change("a", 1, "old");
    await before.flush();
    before.close();
    const after = make();
    await after.restore([{ item_id: "a", client_seq: 99, response: "newer", saved_at: NOW }]);
    expect(after.of("a")).toMatchObject({ state: "saved", response: "newer" });
    after.close();
  });

  it("sends its last words once when another device has the exam", async () => {
    const saves = make();
    saves.change("a", 1, "typed before it knew");
    await saves.leave("device");
    expect(door.answersSent.map(({ response }) => response)).toEqual(["typed before it knew"]);
    saves.change("a", 1, "typed after");
    await saves.flush();
    expect(door.answersSent).toHaveLength(1);
  });

  it("leaves its last words to the tab that has the exam now", async () => {
    const saves = make();
    saves.change("a", 1, "typed before it knew");
    await saves.leave("tab");
    expect(door.answersSent).toEqual([]);
    expect(await journal.unsent()).toHaveProperty("size", 1);
  });

  it("shows why an answer does not count", async () => {
    door.refuse = "The exam is paused.";
    const saves = make();
    saves.change("a", 1, "x");
    await saves.flush();
    expect(saves.of("a")).toMatchObject({ state: "rejected", message: "The exam is paused." });
  });

  it("sends nothing once the exam was continued elsewhere", async () => {
    const saves = make();
    saves.close();
    saves.change("a", 1, "x");
    await saves.flush();
    expect(door.calls).toEqual([]);
  });

  it("sends the answers also when the entries before them cannot be taken", async () => {
    door.entriesFault = new DoorError(true, 503, "unavailable", "not now");
    const saves = make();
    saves.note({ kind: "focus_lost" });
    saves.change("a", 1, "kept");
    await saves.flush();
    expect(saves.of("a").state).toBe("saved");
    expect(saves.failing).toBe(false);
    saves.close();
  });

  it("sets the one entry aside that the server can never take, and sends all others", async () => {
    door.poison = "broken";
    const saves = make();
    for (const error of ["1", "2", "broken", "4", "5"]) saves.note({ kind: "front_end_error", error });
    saves.change("a", 1, "x");
    await saves.flush();
    expect(door.calls).toEqual([...Array<string>(4).fill("front_end_error"), "answer"]);
    expect(await journal.waitingEntries()).toEqual([]);
    expect((await journal.rejected()).map((record) => record.rejected?.code)).toEqual(["bad_input"]);
    expect(contacts.filter(Boolean), "a refused entry is not told: the log would feed itself").toEqual([]);
  });

  it("says of the one answer the server can never take that it does not count, and saves all others", async () => {
    door.poison = "broken";
    const saves = make();
    for (const [number, response] of ["one", "broken", "three"].entries()) saves.change(String(number), number, response);
    await saves.flush();
    expect([0, 1, 2].map((number) => saves.of(String(number)).state)).toEqual(["saved", "rejected", "saved"]);
    expect(await saves.sendEverything()).toBe(0);
  });

  it("sends nothing that no server could read: half an emoji, a NUL", async () => {
    const saves = make();
    saves.note({ kind: "front_end_error", error: "cut \ud83d", extra: { where: "a\0b" } });
    saves.change("a", 1, "cut \ud83d");
    saves.change("b", 2, ["whole \u{1F600}"]);
    await journal.waitingEntries();
    const [entry] = await journal.waitingEntries();
    expect(entry).toMatchObject({ error: "cut \ufffd", extra: { where: "a\ufffdb" } });
    await saves.flush();
    expect(saves.of("a").response).toBe("cut \ufffd");
    expect(saves.of("b").response).toEqual(["whole \u{1F600}"]);
  });

  it("knows how many answers the server has not answered for", async () => {
    door.fault = unreachable();
    const saves = make();
    saves.change("a", 1, "x");
    saves.change("a", 1, "xy");
    saves.change("b", 2, "z");
    expect(await saves.sendEverything()).toBe(2);
    expect(saves.unsettled()).toMatchObject({ waiting: 2, refused: 0 });
    door.fault = null;
    expect(await saves.sendEverything()).toBe(0);
    expect(saves.unsettled()).toMatchObject({ waiting: 0, refused: 0 });
  });

  it("sends what was typed while another sending was under way", async () => {
    const saves = make();
    saves.change("a", 1, "x");
    const first = saves.flush();
    saves.change("b", 2, "y");
    await Promise.all([first, saves.flush()]);
    expect(await journal.waitingAnswers()).toEqual([]);
  });

  it("gives an answer another number when a second device has used its own, keeping the time it was given at", async () => {
    door.fault = unreachable();
    const saves = make();
    saves.change("a", 1, "written offline");
    await saves.flush();
    door.fault = null;
    door.taken = 5;
    saves.goOn(5);
    await saves.flush();
    expect(saves.of("a")).toMatchObject({ state: "saved", response: "written offline" });
    expect(door.answersSent.map((answer) => answer.client_seq)).toEqual([1, 6]);
    expect(door.answersSent.at(-1)).toMatchObject({ client_at: NOW, mono_ms: 1 });
  });

  it("gives it another number once, not for ever", async () => {
    door.taken = 100;
    const saves = make();
    saves.change("a", 1, "x");
    await saves.flush();
    expect(saves.of("a")).toMatchObject({ state: "rejected", message: "Taken." });
    expect(door.answersSent).toHaveLength(2);
  });

  it("does not bring an old answer back that a second device has overtaken", async () => {
    door.fault = unreachable();
    const before = make();
    before.change("a", 1, "old");
    await before.flush();
    before.close();
    door.fault = null;
    door.taken = 1;
    const after = make();
    await after.restore([{ item_id: "a", client_seq: 1, response: "newer", saved_at: NOW }]);
    await after.flush();
    expect(after.of("a")).toMatchObject({ state: "saved", response: "newer" });
    expect(await journal.waitingAnswers()).toEqual([]);
  });

  it("counts empty answers as not answered", async () => {
    const saves = make();
    saves.change("a", 1, ["x"]);
    saves.change("a", 1, []);
    saves.change("b", 2, "y");
    await saves.flush();
    expect(saves.counts()).toEqual({ answered: 1, saved: 1, device: 0 });
  });
});
