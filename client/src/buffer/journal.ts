/**
 * The write-ahead store of answers and entries. A record is written before it is sent, keeps its number for ever, and
 * leaves only when the server has answered for it. Answers are never dropped: space is held back for them.
 */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";

import { isDomException } from "../base/errors";
import type { AnswerOut, AnswerResponse, AnswerResult, EntriesReply, EntryOut } from "../base/wire";

/** Released when the disk is full, so that answers still fit (the media store keeps its own, larger distance). */
const BALLAST_BYTES = 4 * 2 ** 20;
const BALLAST_KEY = "ballast";

export interface StoredAnswer {
  attempt: string;
  client_seq: number;
  what: "answer";
  body: AnswerOut;
  /** Set by the server's refusal: kept for the appeal, not sent again. */
  rejected?: { code: string; message: string };
}

export interface StoredEntry {
  attempt: string;
  client_seq: number;
  what: "entry";
  body: EntryOut;
  rejected?: { code: string; message: string };
}

type StoredRecord = StoredAnswer | StoredEntry;

interface Schema extends DBSchema {
  records: { key: [string, number]; value: StoredRecord };
  counters: { key: string; value: number };
  space: { key: string; value: Uint8Array };
}

export interface Moment {
  /** ISO, by the server's clock as this client knows it. */
  client_at: string;
  mono_ms: number;
}

export interface JournalOptions {
  name?: string;
  ballast_bytes?: number;
  /** Called when answers can no longer be written to disk (they stay in memory) and when they can again. */
  onUnsafe?: (unsafe: boolean) => void;
}

function opened(name = "examhall-journal"): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(name, 1, {
    upgrade(created) {
      created.createObjectStore("records", { keyPath: ["attempt", "client_seq"] });
      created.createObjectStore("counters");
      created.createObjectStore("space");
    },
  });
}

/** Attempts whose answers wait here for the server, for pages that hold no attempt themselves. */
export async function attemptsWithAnswers(name?: string): Promise<string[]> {
  const db = await opened(name);
  const records = await db.getAll("records");
  db.close();
  return [...new Set(records.filter((one) => one.what === "answer" && !one.rejected).map((one) => one.attempt))];
}

const STRICT = { durability: "strict" } as const; // an answer must outlive a power cut, not only the page

export class Journal {
  /** Answers the disk refused; written as soon as it takes them again. */
  private readonly in_memory = new Map<number, StoredRecord>();
  private unsafe = false;

  private constructor(
    private readonly db: IDBPDatabase<Schema>,
    readonly attempt: string,
    private readonly onUnsafe: (unsafe: boolean) => void,
    private last_seq: number,
  ) {}

  /** `server_last_seq`: `last_client_seq` of the connect answer; numbers go on above it and above all stored here. */
  static async open(attempt: string, server_last_seq: number, options: JournalOptions = {}): Promise<Journal> {
    const db = await opened(options.name);
    const last = Math.max(server_last_seq, (await db.get("counters", attempt)) ?? 0);
    const journal = new Journal(db, attempt, options.onUnsafe ?? (() => undefined), last);
    await journal.holdSpace(options.ballast_bytes ?? BALLAST_BYTES);
    return journal;
  }

  close(): void {
    this.db.close();
  }

  /** Numbers given from now on are above `seq`: another device has used those up to it. */
  goOnAbove(seq: number): void {
    this.last_seq = Math.max(this.last_seq, seq);
  }

  /** Resolves with the number once the answer is safe here (or, disk full, in memory and reported). */
  async recordAnswer(
    answer: { item_id: string; question_number: number; response: AnswerResponse },
    at: Moment,
  ): Promise<number> {
    return this.add((client_seq) => ({
      attempt: this.attempt,
      client_seq,
      what: "answer",
      body: { ...answer, ...at, client_seq },
    }));
  }

  /** Resolves with the number, or null when the disk is full: entries give way, answers never. */
  async recordEntry(entry: Omit<EntryOut, "client_seq" | keyof Moment>, at: Moment): Promise<number | null> {
    try {
      return await this.add((client_seq) => ({
        attempt: this.attempt,
        client_seq,
        what: "entry",
        body: { ...entry, ...at, client_seq },
      }));
    } catch (error) {
      if (isDomException(error, "QuotaExceededError")) return null;
      throw error;
    }
  }

  /** Not yet answered for by the server, in order of their numbers. */
  async waitingAnswers(limit = 100): Promise<AnswerOut[]> {
    const found = (await this.all()).filter((record): record is StoredAnswer => record.what === "answer");
    return found.filter((record) => !record.rejected).slice(0, limit).map((record) => record.body);
  }

  async waitingEntries(limit = 100): Promise<EntryOut[]> {
    const found = (await this.all()).filter((record): record is StoredEntry => record.what === "entry");
    return found.filter((record) => !record.rejected).slice(0, limit).map((record) => record.body);
  }

  /**
   * The newest response per item that waits here. After a crash the page shows it in place of the server's answer
   * to that item when its `client_seq` is the higher one.
   */
  async unsent(): Promise<Map<string, AnswerOut>> {
    const newest = new Map<string, AnswerOut>();
    for (const answer of await this.waitingAnswers(Number.MAX_SAFE_INTEGER)) newest.set(answer.item_id, answer);
    return newest;
  }

  async rejected(): Promise<StoredRecord[]> {
    return (await this.all()).filter((record) => record.rejected !== undefined);
  }

  async settleAnswers(results: readonly AnswerResult[]): Promise<void> {
    for (const result of results) {
      if (result.status === "rejected") {
        await this.mark(result.client_seq, result.code ?? "rejected", result.message ?? "");
      } else {
        await this.forget(result.client_seq);
      }
    }
  }

  async settleEntries(reply: Pick<EntriesReply, "accepted" | "rejected">): Promise<void> {
    for (const client_seq of reply.accepted) await this.forget(client_seq);
    for (const { client_seq, code, message } of reply.rejected) await this.mark(client_seq, code, message);
  }

  private async all(): Promise<StoredRecord[]> {
    await this.writeBack();
    const stored = await this.db.getAll("records", IDBKeyRange.bound([this.attempt, 0], [this.attempt, Infinity]));
    return [...stored, ...this.in_memory.values()].sort((a, b) => a.client_seq - b.client_seq);
  }

  private async add(make: (client_seq: number) => StoredRecord): Promise<number> {
    await this.writeBack();
    try {
      return await this.write(make);
    } catch (error) {
      if (isDomException(error, "QuotaExceededError")) await this.db.delete("space", BALLAST_KEY);
      return this.addInNeed(make);
    }
  }

  /** The ballast is gone: try once more, then keep answers in memory, whatever the disk's trouble is. */
  private async addInNeed(make: (client_seq: number) => StoredRecord): Promise<number> {
    try {
      return await this.write(make);
    } catch (error) {
      if (make(0).what === "entry") throw error;
      this.last_seq += 1;
      this.in_memory.set(this.last_seq, make(this.last_seq));
      this.setUnsafe(true);
      return this.last_seq;
    }
  }

  /** Number and record in one transaction: two tabs of one browser can never give out the same number. */
  private async write(make: (client_seq: number) => StoredRecord): Promise<number> {
    const tx = this.db.transaction(["records", "counters"], "readwrite", STRICT);
    const stored = (await tx.objectStore("counters").get(this.attempt)) ?? 0;
    const client_seq = Math.max(stored, this.last_seq) + 1;
    this.last_seq = client_seq; // taken at once: a second call in the same moment goes on above it
    await Promise.all([
      tx.objectStore("records").put(make(client_seq)),
      tx.objectStore("counters").put(client_seq, this.attempt),
      tx.done,
    ]);
    return client_seq;
  }

  private async writeBack(): Promise<void> {
    for (const [client_seq, record] of this.in_memory) {
      try {
        await this.db.put("records", record);
      } catch {
        return; // still no room; the record stays where it is
      }
      this.in_memory.delete(client_seq);
    }
    this.setUnsafe(false);
  }

  private async forget(client_seq: number): Promise<void> {
    this.in_memory.delete(client_seq);
    await this.db.delete("records", [this.attempt, client_seq]);
  }

  private async mark(client_seq: number, code: string, message: string): Promise<void> {
    const kept = this.in_memory.get(client_seq);
    if (kept) kept.rejected = { code, message };
    const tx = this.db.transaction("records", "readwrite", STRICT);
    const record = await tx.store.get([this.attempt, client_seq]);
    if (record) await tx.store.put({ ...record, rejected: { code, message } });
    await tx.done;
  }

  private async holdSpace(bytes: number): Promise<void> {
    if ((await this.db.getKey("space", BALLAST_KEY)) !== undefined) return;
    const ballast = new Uint8Array(bytes);
    // Incompressible, or the store would keep next to nothing for it. One call fills at most 64 KiB.
    for (let at = 0; at < bytes; at += 65_536) crypto.getRandomValues(ballast.subarray(at, Math.min(bytes, at + 65_536)));
    try {
      await this.db.put("space", ballast, BALLAST_KEY);
    } catch (error) {
      if (!isDomException(error, "QuotaExceededError")) throw error;
    }
  }

  private setUnsafe(unsafe: boolean): void {
    if (unsafe === this.unsafe) return;
    this.unsafe = unsafe;
    this.onUnsafe(unsafe);
  }
}

/** Every change is on disk within a second: the first at once, the following ones at most this far apart. */
export const WRITE_EVERY_MS = 500;

interface Draft {
  timer: ReturnType<typeof setTimeout> | null;
  next: { question_number: number; response: AnswerResponse; at: Moment } | null;
}

/** Joins fast typing into few records, per item, without ever being later than `WRITE_EVERY_MS`. */
export class AnswerWriter {
  private readonly drafts = new Map<string, Draft>();
  private readonly writing = new Set<Promise<void>>();

  constructor(
    private readonly journal: Pick<Journal, "recordAnswer">,
    private readonly onRecorded: (item_id: string, client_seq: number) => void,
    private readonly onError: (error: unknown) => void,
  ) {}

  change(item_id: string, question_number: number, response: AnswerResponse, at: Moment): void {
    const draft = this.drafts.get(item_id) ?? { timer: null, next: null };
    this.drafts.set(item_id, draft);
    draft.next = { question_number, response, at };
    if (draft.timer === null) this.write(item_id, draft);
  }

  /** Writes what waits now: leaving a question, hiding the page, handing in. */
  async flush(): Promise<void> {
    for (const [item_id, draft] of this.drafts) this.write(item_id, draft);
    await Promise.all(this.writing);
  }

  private write(item_id: string, draft: Draft): void {
    if (draft.timer !== null) clearTimeout(draft.timer);
    draft.timer = null;
    const next = draft.next;
    if (!next) return;
    draft.next = null;
    const { at, ...answer } = next;
    const done = this.journal
      .recordAnswer({ item_id, ...answer }, at)
      .then((client_seq) => this.onRecorded(item_id, client_seq))
      .catch(this.onError)
      .finally(() => this.writing.delete(done));
    this.writing.add(done);
    draft.timer = setTimeout(() => this.write(item_id, draft), WRITE_EVERY_MS);
  }
}
