/**
 * Answers and entries on their way to the server: written here first, sent in batches, called saved only after the
 * server's answer. The server logs "answered" (with the client's time) and "saved" from the same answer.
 */

import { Backoff } from "../base/backoff";
import type { AnswerOut, AnswerResponse, AnswerResult, ConnectReply, EntryOut } from "../base/wire";
import { AnswerWriter, type Journal, type Moment } from "../buffer/journal";
import { DoorError, type LiveDoor } from "./door";

export const SEND_AFTER_MS = 800;
export const SEND_AT_LATEST_MS = 5_000;
/** product.md §4.1 C7: after so many failed saves in a row a steady notice stands under the question. */
export const NOTICE_AFTER = 3;
const BATCH = 100;

export type SaveState = "none" | "device" | "saved" | "rejected";

export interface ItemSave {
  state: SaveState;
  response: AnswerResponse;
  /** Server time of the save, ISO; null until then. */
  saved_at: string | null;
  /** Why the server does not count it. */
  message: string;
}

type Post = Pick<LiveDoor, "answers" | "entries">;
type Store = Pick<
  Journal,
  "recordAnswer" | "recordEntry" | "waitingAnswers" | "waitingEntries" | "settleAnswers" | "settleEntries" | "unsent"
>;

export interface SavesOptions {
  journal: Store;
  door: Post;
  moment: () => Moment;
  onChange: () => void;
  /** Any request answered or failed; the connection is judged by it as well. */
  onContact: (error: DoorError | null) => void;
  onFault: (error: unknown) => void;
}

export function isEmpty(response: AnswerResponse): boolean {
  return response === null || response === "" || (Array.isArray(response) && response.length === 0);
}

/** Typing leaves several records of one item; only the last of them is an answer. */
function newestPerItem(waiting: readonly AnswerOut[]): AnswerOut[] {
  const newest = new Map<string, AnswerOut>();
  for (const answer of waiting) {
    if (answer.client_seq > (newest.get(answer.item_id)?.client_seq ?? -1)) newest.set(answer.item_id, answer);
  }
  return [...newest.values()].sort((a, b) => a.client_seq - b.client_seq);
}

/** What was overtaken by an answered-for record of the same item is answered for as well. */
function withOlder(waiting: readonly AnswerOut[], results: readonly AnswerResult[]): AnswerResult[] {
  const older = results.flatMap((result) =>
    waiting
      .filter((answer) => answer.item_id === result.item_id && answer.client_seq < result.client_seq)
      .map((answer): AnswerResult => ({ ...result, client_seq: answer.client_seq })),
  );
  return [...results, ...older];
}

function same(a: AnswerResponse, b: AnswerResponse): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export class Saves {
  private readonly items = new Map<string, ItemSave>();
  private readonly writer: AnswerWriter;
  private readonly backoff = new Backoff();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private due_at_ms = 0;
  private first_waiting_ms: number | null = null;
  private sending: Promise<void> | null = null;
  private again = false;
  private failures = 0;
  private held = false;

  constructor(private readonly options: SavesOptions) {
    this.writer = new AnswerWriter(options.journal, () => this.schedule(), options.onFault);
  }

  /** What the server holds, then what still waits here above it (after a reload or crash). */
  async restore(answers: ConnectReply["answers"]): Promise<void> {
    const numbers = new Map<string, number>();
    for (const { item_id, response, saved_at, client_seq } of answers) {
      numbers.set(item_id, client_seq);
      this.items.set(item_id, { state: "saved", response, saved_at, message: "" });
    }
    for (const [item_id, answer] of await this.options.journal.unsent()) {
      if (answer.client_seq < (numbers.get(item_id) ?? 0)) continue; // the server has a newer one from elsewhere
      this.items.set(item_id, { state: "device", response: answer.response, saved_at: null, message: "" });
    }
    this.options.onChange();
    this.schedule(0);
  }

  of(item_id: string): ItemSave {
    return this.items.get(item_id) ?? { state: "none", response: null, saved_at: null, message: "" };
  }

  counts(): { answered: number; saved: number; device: number } {
    let [answered, saved, device] = [0, 0, 0];
    for (const item of this.items.values()) {
      if (isEmpty(item.response)) continue;
      answered += 1;
      if (item.state === "saved") saved += 1;
      else device += 1;
    }
    return { answered, saved, device };
  }

  get failing(): boolean {
    return this.failures >= NOTICE_AFTER;
  }

  change(item_id: string, question_number: number, response: AnswerResponse): void {
    if (same(this.of(item_id).response, response)) return;
    this.items.set(item_id, { state: "device", response, saved_at: this.of(item_id).saved_at, message: "" });
    this.writer.change(item_id, question_number, response, this.options.moment());
    this.options.onChange();
    this.schedule();
  }

  /** `moment`: when it happened, if that was before now. Resolves when it is written down here. */
  note(entry: Pick<EntryOut, "kind" | "question_number" | "item_id" | "error" | "extra">, moment = this.options.moment()): Promise<void> {
    return this.options.journal
      .recordEntry(entry, moment)
      .then(() => this.schedule())
      .catch(this.options.onFault);
  }

  /** Writes down what is being typed and sends now; resolves when the attempt to send is over. */
  async flush(): Promise<void> {
    await this.writer.flush();
    this.clear();
    await this.send();
  }

  /** Nothing is sent before the exam has begun or after it was continued elsewhere. */
  hold(held: boolean): void {
    this.held = held;
    if (!held) this.schedule(0);
  }

  /** Back online: now, without waiting out the back-off. */
  rouse(): void {
    this.backoff.reset();
    this.schedule(0);
  }

  close(): void {
    this.held = true;
    this.clear();
  }

  private schedule(after_ms = SEND_AFTER_MS): void {
    if (this.held) return;
    const now = performance.now();
    this.first_waiting_ms ??= now;
    const at = Math.min(now + after_ms, this.first_waiting_ms + SEND_AT_LATEST_MS);
    this.arm(Math.max(at, now));
  }

  private arm(at_ms: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.due_at_ms = at_ms;
    this.timer = setTimeout(() => void this.send(), Math.max(0, this.due_at_ms - performance.now()));
  }

  private clear(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private async send(): Promise<void> {
    this.clear();
    if (this.held) return;
    if (this.sending) {
      this.again = true;
      return this.sending;
    }
    this.sending = this.sendAll().finally(() => {
      this.sending = null;
      if (this.again) {
        this.again = false;
        this.schedule(0);
      }
    });
    return this.sending;
  }

  private async sendAll(): Promise<void> {
    this.first_waiting_ms = null;
    try {
      await this.sendEntries();
      await this.sendAnswers();
      this.failures = 0;
      this.backoff.reset();
    } catch (error) {
      if (!(error instanceof DoorError)) return this.options.onFault(error);
      this.failures += 1;
      this.options.onContact(error);
      if (error.unreachable || error.status === 401) this.retry();
    }
    this.options.onChange();
  }

  private retry(): void {
    this.first_waiting_ms = performance.now();
    this.arm(performance.now() + this.backoff.next());
  }

  private async sendEntries(): Promise<void> {
    for (;;) {
      const waiting = await this.options.journal.waitingEntries(BATCH);
      if (waiting.length === 0) return;
      const reply = await this.options.door.entries(waiting);
      this.options.onContact(null);
      await this.options.journal.settleEntries(reply);
      if (reply.accepted.length + reply.rejected.length === 0) return; // nothing answered for: do not spin
    }
  }

  private async sendAnswers(): Promise<void> {
    for (;;) {
      const waiting = await this.options.journal.waitingAnswers(BATCH);
      if (waiting.length === 0) return;
      const newest = newestPerItem(waiting);
      const reply = await this.options.door.answers(newest);
      this.options.onContact(null);
      await this.options.journal.settleAnswers(withOlder(waiting, reply.results));
      for (const result of reply.results) this.settle(newest, result);
      if (reply.results.length === 0) return;
    }
  }

  private settle(sent: readonly AnswerOut[], result: AnswerResult): void {
    const answer = sent.find((one) => one.client_seq === result.client_seq);
    const item = this.items.get(result.item_id);
    if (!answer || !item || !same(answer.response, item.response)) return; // something newer is on its way
    item.state = result.status === "rejected" ? "rejected" : "saved";
    item.saved_at = result.saved_at ?? item.saved_at;
    item.message = result.message ?? "";
  }
}
