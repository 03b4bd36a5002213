/**
 * Answers and entries on their way to the server: written here first, sent in batches, called saved only after the
 * server's answer. The server logs "answered" (with the client's time) and "saved" from the same answer.
 */

import { Backoff } from "../base/backoff";
import type { AnswerOut, AnswerResponse, AnswerResult, ConnectReply, EntriesReply, EntryOut, ExtraValue } from "../base/wire";
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

/** What the client says of itself, before it has a number and a time. */
export type Noted = Pick<EntryOut, "kind" | "question_number" | "item_id" | "error" | "extra">;
export type Sent = "answers" | "entries";

type Post = Pick<LiveDoor, "answers" | "entries">;
type Store = Pick<
  Journal,
  | "recordAnswer"
  | "recordEntry"
  | "waitingAnswers"
  | "waitingEntries"
  | "settleAnswers"
  | "settleEntries"
  | "unsent"
  | "goOnAbove"
>;

export interface SavesOptions {
  journal: Store;
  door: Post;
  moment: () => Moment;
  onChange: () => void;
  /** Any request answered or failed; the connection is judged by it as well. */
  onContact: (error: DoorError | null, about: Sent) => void;
  onFault: (error: unknown) => void;
}

export function isEmpty(response: AnswerResponse): boolean {
  return response === null || response === "" || (Array.isArray(response) && response.length === 0);
}

/** Half a character (a text cut inside an emoji) or a NUL would have the whole sending refused. */
export function sendable(text: string): string {
  return text.replace(/\p{Surrogate}|\0/gu, "\uFFFD");
}

function sendableResponse(response: AnswerResponse): AnswerResponse {
  if (Array.isArray(response)) return response.map(sendable);
  return response === null ? null : sendable(response);
}

function sendableEntry(entry: Noted): Noted {
  const { error, extra } = entry;
  const plain = ([name, value]: [string, ExtraValue]): [string, ExtraValue] => [name, typeof value === "string" ? sendable(value) : value];
  return {
    ...entry,
    ...(error === undefined ? {} : { error: sendable(error) }),
    ...(extra === undefined ? {} : { extra: Object.fromEntries(Object.entries(extra).map(plain)) }),
  };
}

/** The server will never take it as it is; anything else may go better later. */
function isRefusal(error: unknown): error is DoorError {
  return error instanceof DoorError && (error.status === 400 || error.status === 413);
}

/** Who has the exam now: another tab of this browser, or another browser or device. */
export type Elsewhere = "tab" | "device";

/** Nothing more can be sent now. A lost lease is no reason: the answers of who lost it are kept for staff (§8.3). */
function isAway(error: unknown): boolean {
  return error instanceof DoorError && (error.status === 0 || error.status === 401 || error.code === "reconnected");
}

/** Sends all of `batch`; the one thing in it that the server can never take is found by halving and set aside. */
async function inParts<One>(
  batch: readonly One[],
  send: (part: readonly One[]) => Promise<void>,
  setAside: (one: One, why: DoorError) => Promise<void>,
): Promise<void> {
  try {
    await send(batch);
  } catch (error) {
    const [first] = batch;
    if (!isRefusal(error) || first === undefined) throw error;
    if (batch.length === 1) return setAside(first, error);
    const half = Math.ceil(batch.length / 2);
    await inParts(batch.slice(0, half), send, setAside);
    await inParts(batch.slice(half), send, setAside);
  }
}

function failure(act: Promise<void>): Promise<unknown> {
  return act.then(
    () => null,
    (error: unknown) => error,
  );
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
  /** Numbers given to what was refused under another one, so that it is tried once more and not for ever. */
  private readonly remade = new Set<number>();

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
      if (answer.client_seq <= (numbers.get(item_id) ?? 0)) continue; // the server has it, or a newer one from elsewhere
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

  /** How many items wait for the server's answer, and how many it has refused, with the last reason it gave. */
  unsettled(): { waiting: number; refused: number; message: string } {
    const found = { waiting: 0, refused: 0, message: "" };
    for (const { state, message } of this.items.values()) {
      if (state === "device") found.waiting += 1;
      if (state !== "rejected") continue;
      found.refused += 1;
      found.message = message;
    }
    return found;
  }

  get failing(): boolean {
    return this.failures >= NOTICE_AFTER;
  }

  change(item_id: string, question_number: number, given: AnswerResponse): void {
    const response = sendableResponse(given);
    if (same(this.of(item_id).response, response)) return;
    this.items.set(item_id, { state: "device", response, saved_at: this.of(item_id).saved_at, message: "" });
    this.writer.change(item_id, question_number, response, this.options.moment());
    this.options.onChange();
    this.schedule();
  }

  /** `at`: when it happened, if that was before now. */
  note(entry: Noted, at = this.options.moment()): void {
    this.options.journal
      .recordEntry(sendableEntry(entry), at)
      .then(() => this.schedule())
      .catch((error: unknown) => {
        if (entry.kind !== "front_end_error") this.options.onFault(error); // which would write another one
      });
  }

  /** Writes down what is being typed and sends now; resolves when the attempt to send is over. */
  async flush(): Promise<void> {
    await this.writer.flush();
    while (this.sending) await this.sending; // it may have looked before the last words were written down
    this.clear();
    await this.send();
  }

  /** The same; resolves with the number of items whose answer the server has not answered for. */
  async sendEverything(): Promise<number> {
    await this.flush();
    return (await this.options.journal.unsent()).size;
  }

  /** Connected anew: other devices may have used numbers up to `last_client_seq` meanwhile. */
  goOn(last_client_seq: number): void {
    this.options.journal.goOnAbove(last_client_seq);
    this.held = false;
    this.rouse();
  }

  /** Back online: now, without waiting out the back-off. */
  rouse(): void {
    this.backoff.reset();
    this.schedule(0);
  }

  /**
   * The exam was continued elsewhere. The last words are written down; when another device has the exam they are sent
   * once more, for staff to see (§8.3), while another tab sends them itself from the same journal.
   */
  async leave(to: Elsewhere): Promise<void> {
    await (to === "device" ? this.flush() : this.writer.flush());
    this.close();
  }

  /** Sends nothing any more. */
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
    const entries = await failure(this.sendEntries());
    if (entries) this.tell(entries, "entries");
    const answers = isAway(entries) ? entries : await failure(this.sendAnswers());
    if (answers && answers !== entries) this.tell(answers, "answers");
    this.failures = answers ? this.failures + 1 : 0;
    if (entries || answers) this.retry();
    else this.backoff.reset();
    this.options.onChange();
  }

  private tell(error: unknown, about: Sent): void {
    if (error instanceof DoorError) this.options.onContact(error, about);
    else this.options.onFault(error);
  }

  private retry(): void {
    if (this.held) return;
    this.first_waiting_ms = performance.now();
    this.arm(performance.now() + this.backoff.next());
  }

  private async sendEntries(): Promise<void> {
    for (;;) {
      const waiting = await this.options.journal.waitingEntries(BATCH);
      if (waiting.length === 0) return;
      let settled = 0;
      const settle = async (reply: Pick<EntriesReply, "accepted" | "rejected">): Promise<void> => {
        settled += reply.accepted.length + reply.rejected.length;
        const taken = reply.rejected.filter(({ code }) => code === "altered_repeat").map(({ client_seq }) => client_seq);
        for (const entry of waiting.filter(({ client_seq }) => taken.includes(client_seq))) await this.retell(entry);
        await this.options.journal.settleEntries(reply);
      };
      await inParts(
        waiting,
        async (part) => {
          const reply = await this.options.door.entries([...part]);
          this.options.onContact(null, "entries");
          await settle(reply);
        },
        ({ client_seq }, { code, message }) => settle({ accepted: [], rejected: [{ client_seq, code, message }] }),
      );
      if (settled === 0) return; // nothing answered for: do not spin
    }
  }

  private async sendAnswers(): Promise<void> {
    for (;;) {
      const waiting = await this.options.journal.waitingAnswers(BATCH);
      if (waiting.length === 0) return;
      let settled = 0;
      const settle = async (results: readonly AnswerResult[]): Promise<void> => {
        settled += results.length;
        for (const result of results) await this.settle(waiting, result);
        await this.options.journal.settleAnswers(withOlder(waiting, results));
      };
      await inParts(
        newestPerItem(waiting),
        async (part) => {
          const { results } = await this.options.door.answers([...part]);
          this.options.onContact(null, "answers");
          await settle(results);
        },
        ({ item_id, client_seq }, why) => {
          this.options.onContact(why, "answers");
          return settle([{ item_id, client_seq, status: "rejected", code: why.code, message: why.message }]);
        },
      );
      if (settled === 0) return;
    }
  }

  /** Another device used its number while this one was away: the same entry once more, under a number of its own. */
  private async retell({ client_at, mono_ms, client_seq, ...entry }: EntryOut): Promise<void> {
    if (this.remade.has(client_seq)) return;
    const number = await this.options.journal.recordEntry(entry, { client_at, mono_ms });
    if (number !== null) this.remade.add(number);
  }

  private async settle(sent: readonly AnswerOut[], result: AnswerResult): Promise<void> {
    const answer = sent.find((one) => one.client_seq === result.client_seq);
    const item = this.items.get(result.item_id);
    if (!answer || !item || !same(answer.response, item.response)) return; // something newer is on its way
    if (result.code === "altered_repeat" && !this.remade.has(result.client_seq)) return this.remake(answer);
    item.state = result.status === "rejected" ? "rejected" : "saved";
    item.saved_at = result.saved_at ?? item.saved_at;
    item.message = result.message ?? "";
  }

  /** Another device used its number while this one was away: the same answer once more, under a number of its own. */
  private async remake({ client_at, mono_ms, client_seq: _taken, ...answer }: AnswerOut): Promise<void> {
    this.remade.add(await this.options.journal.recordAnswer(answer, { client_at, mono_ms }));
  }
}
