/** One attempt in this page: who holds it, what state it is in, and everything that runs while it is taken. */

import { ServerClock, anchorFrom, monotonicMs } from "../base/clock";
import type { AttemptState, ConnectReply, HoldState } from "../base/wire";
import { Journal, type Moment } from "../buffer/journal";
import type { Signal } from "../lockdown/signals";
import { Lockdown } from "../lockdown/watch";
import { type Connection, ConnectionWatch } from "./connection";
import { DarkHint, type Picture } from "./dark-hint";
import { DoorError, LiveDoor, PageDoor, type Receipt } from "./door";
import { type ClientPolicy, type StartFacts, clientPolicy } from "./facts";
import { Holds, type Warned } from "./holds";
import { Inbox } from "./inbox";
import { Items } from "./items";
import { Media } from "./media";
import { type Overlay, overlayOf } from "./overlay";
import { RecordingTrouble } from "./recording-trouble";
import { type Elsewhere, type Noted, Saves, type Sent } from "./saves";
import { CandidateSocket, type Push } from "./socket";
import { secondsLeft } from "./timer";

export interface Question {
  number: number;
  item_id: string;
  title: string;
  kind: string;
  max_score: number;
}

const CLIENT_KEY = "examhall-client";
const MAX_ERROR = 500;
const NO_HOLD: HoldState = { full_screen_spent_s: 0, credit_left_s: 0, breaches: [] };
const OVER: readonly AttemptState[] = ["handed_in", "timed_out", "voided"];

export class ExamSession {
  readonly pages = new PageDoor();
  readonly door: LiveDoor;
  readonly media: Media;
  readonly dark: DarkHint;
  readonly inbox = new Inbox();
  readonly items: Items;
  clock: ServerClock;
  saves: Saves | null = null;
  policy: ClientPolicy = clientPolicy({});
  questions: Question[] = [];
  state: AttemptState;
  reason = "";
  end_reason = "";
  deadline_ms: number | null = null;
  started = false;
  taken_over = false;
  receipt: Receipt | null = null;
  current = 1;
  unsafe = false;
  private lockdown: Lockdown | null = null;
  private holds: Holds | null = null;
  private hold: HoldState = NO_HOLD;
  private socket: CandidateSocket | null = null;
  private watch: ConnectionWatch | null = null;
  private beat: ReturnType<typeof setTimeout> | null = null;
  private connecting: Promise<void> | null = null;
  private opened_ms = monotonicMs();
  /** A connect was sent and its answer is not here: the server may hold a newer epoch for us than we know. */
  private unsure = false;
  private last_refusal = "";
  private readonly trouble = new RecordingTrouble((words) => this.error(words));
  private readonly early: { entry: Noted; at: Moment }[] = [];

  constructor(
    readonly facts: StartFacts,
    worker_url: string,
    private readonly changed: () => void,
  ) {
    this.state = facts.state;
    this.clock = new ServerClock(anchorFrom(facts.server_now));
    this.dark = new DarkHint(`examhall-dark-${facts.attempt}`);
    this.items = new Items((item_id) => this.pages.item(`${facts.urls.items}${item_id}.xml`));
    this.door = new LiveDoor((anchor, load) => {
      this.clock.learn(anchor);
      this.media.heard(anchor, load);
    });
    this.media = new Media({
      worker_url,
      required: facts.required_tracks,
      sound: facts.sound,
      onChange: changed,
      onLost: ({ what, cause }) => this.note("track_ended", { track: what, cause }),
      onTokenNeeded: () => this.reconnect(),
      onFault: (cause, message) => this.error(`recording: ${cause}: ${message}`),
      onTrouble: (trouble) => this.trouble.hear(trouble, this.connection().kind === "lost"),
    });
  }

  now(): number {
    return this.clock.now();
  }

  get over(): boolean {
    return OVER.includes(this.state);
  }

  connection(): Connection {
    return this.watch?.at(monotonicMs()) ?? { kind: "online" };
  }

  reconnectSeconds(): number | null {
    return this.watch?.secondsLeft(monotonicMs()) ?? null;
  }

  /** With what a hold has given back so far, before the server has written it into the deadline. */
  timeLeft(): number | null {
    const credit_ms = this.holds?.credit(this.now()) ?? 0;
    return secondsLeft(this.deadline_ms === null ? null : this.deadline_ms + credit_ms, this.now());
  }

  /** Seconds until a lost device hides the exam; null when none is lost or nothing will be hidden. */
  graceLeft(): number | null {
    return this.media.lost ? (this.holds?.graceLeft(this.now()) ?? null) : null;
  }

  /** Seconds that a lost device may still have given back. */
  creditLeft(): number {
    return this.holds?.creditLeft(this.now()) ?? 0;
  }

  acknowledge(cause: Warned): void {
    this.holds?.acknowledge(cause);
    this.note("warning_ack", { cause });
    this.changed();
  }

  overlay(): Overlay | null {
    const mono = monotonicMs();
    const is = this.connection();
    const unread = this.inbox.unread;
    const full_screen_s = this.lockdown?.fullScreenLeft() ?? null;
    this.lookAtHolds(full_screen_s);
    return overlayOf({
      state: this.state,
      started: this.started,
      reason: this.reason,
      end_reason: this.end_reason,
      taken_over: this.taken_over,
      reconnect_s: this.watch?.secondsLeft(mono) ?? null,
      lost_at_ms: is.kind === "lost" ? this.clock.at(is.since_ms) : null,
      input_blocked: this.watch?.inputBlocked(mono) ?? false,
      lost_device: this.graceLeft() === 0 ? this.media.lost : null,
      second_display: this.holds?.displayHides ?? false,
      full_screen_s,
      warning: this.holds?.warning ?? null,
      message: unread ? { id: unread.id, from: unread.from, body: unread.body } : null,
    });
  }

  /** At the candidate's own picture; while the exam stands still there is nothing to tell. */
  looked(picture: Picture | null): void {
    const runs = this.started && this.state === "in_progress" && !this.taken_over && this.policy.ui.warn_live;
    if (!this.dark.look(runs ? picture : null, this.now(), this.connection().kind === "online")) return;
    this.note("hint_shown", { hint: "too_dark", grace: this.dark.promises });
    void this.saves?.flush(); // the minute counts from when the server hears of it
    this.changed();
  }

  private lookAtHolds(full_screen_s: number | null): void {
    if (this.state !== "in_progress" && this.state !== "interrupted") return; // while it stands still nothing is counted
    const extended = this.lockdown?.hasSecondDisplay ?? false;
    this.holds?.look({ full_screen_s, extended, device_lost: this.media.lost !== null }, this.now());
  }

  /** Takes the lease. Raises DoorError `held_elsewhere` unless `takeover`. Several calls at once are one. */
  connect(takeover: boolean): Promise<void> {
    this.connecting ??= this.take(takeover).finally(() => {
      this.connecting = null;
    });
    return this.connecting;
  }

  private async take(takeover: boolean): Promise<void> {
    const reply = await this.lease(takeover);
    const anchor = anchorFrom(reply.server_now);
    this.clock.learn(anchor);
    this.door.token = reply.token;
    this.door.epoch = reply.epoch;
    this.policy = clientPolicy(reply.policy);
    this.questions = reply.questions;
    this.hold = reply.hold;
    this.taken_over = false;
    this.settle(reply.state, reply.deadline_at);
    this.started = reply.started_at !== null;
    await this.openStores(reply);
    this.watch ??= new ConnectionWatch(this.policy.conn, monotonicMs());
    this.watch.heard(monotonicMs());
    this.media.begin(this.facts.attempt, reply, anchor);
    if (!this.over) {
      this.socket?.close();
      this.socket = new CandidateSocket(() => this.door.token, (push) => this.hear(push));
      this.nextBeat(0);
    }
    if (this.started) {
      if (this.media.ready) this.lockUp(); // a page that still asks for its devices cannot be in full screen
      void this.items.fetchAll(this.questions);
    }
    this.changed();
  }

  /** After a crash: the devices are open again and the exam is shown. */
  goOn(): void {
    this.lockUp();
    this.changed();
  }

  private async lease(takeover: boolean): Promise<ConnectReply> {
    this.unsure = true;
    try {
      const reply = await this.pages.connect(this.facts.urls.connect, clientId(), takeover);
      this.unsure = false;
      return reply;
    } catch (error) {
      if (error instanceof DoorError) this.unsure = error.unreachable;
      throw error;
    }
  }

  /** Takes the lease again for this very client; when another one lives by now, it has the exam. */
  private reconnect(): void {
    this.connect(false).catch((error: unknown) => {
      if (error instanceof DoorError && error.code === "held_elsewhere") this.loseHold();
      else this.watch?.failed();
    });
  }

  private async openStores(reply: ConnectReply): Promise<void> {
    if (this.saves) return this.saves.goOn(reply.last_client_seq);
    const journal = await Journal.open(this.facts.attempt, reply.last_client_seq, {
      onUnsafe: (unsafe) => {
        this.unsafe = unsafe;
        this.changed();
      },
    });
    this.saves = new Saves({
      journal,
      door: this.door,
      moment: () => this.moment(),
      onChange: this.changed,
      onContact: (error, about) => this.contact(error, about),
      onFault: (error) => this.error(String(error)),
    });
    await this.saves.restore(reply.answers);
    for (const { entry, at } of this.early.splice(0)) this.saves.note(entry, at);
  }

  /** Presses Start: the timer begins with the server's answer. */
  async start(): Promise<void> {
    await this.saves?.flush();
    const reply = await this.door.start();
    this.started = true;
    this.settle(reply.state as AttemptState, reply.deadline_at);
    this.lockUp();
    void this.items.fetchAll(this.questions);
    this.changed();
  }

  /** Raises while an answer is not on the server yet: after the hand-in none is taken any more. */
  async handIn(): Promise<Receipt> {
    const unsent = (await this.saves?.sendEverything()) ?? 0;
    if (unsent > 0) throw new Error(`${unsent === 1 ? "One answer is" : `${unsent} answers are`} not saved on the server yet.`);
    const key = `hand-in-${this.facts.attempt}`; // one key for ever: a repeat gives the same receipt
    const { receipt } = await this.door.handIn(key);
    this.receipt = receipt;
    this.settle("handed_in", null);
    return receipt;
  }

  /** After "Check in again": the server lets the stopped attempt go on. */
  async again(): Promise<void> {
    await this.pages.post(this.facts.urls.again, {});
    await this.connect(false);
  }

  answer(question: Question, response: string | string[] | null): void {
    if (this.over || this.taken_over) return; // under any other cover what was just typed still counts
    this.saves?.change(question.item_id, question.number, response);
  }

  visit(number: number): void {
    const before = this.question(this.current);
    const after = this.question(number);
    const now_ms = monotonicMs();
    if (before && before.number !== number) this.note("question_left", { spent_ms: Math.round(now_ms - this.opened_ms) }, before);
    if (before?.number !== number) this.opened_ms = now_ms;
    this.current = number;
    if (after) this.note("question_visited", {}, after);
    this.changed();
  }

  question(number: number): Question | undefined {
    return this.questions.find((one) => one.number === number);
  }

  note(kind: string, extra: Record<string, string | number | boolean> = {}, about?: Question): void {
    this.write({ kind, extra, ...(about ? { question_number: about.number, item_id: about.item_id } : {}) });
  }

  /** Never carries an answer: only what failed. */
  error(text: string): void {
    this.write({ kind: "front_end_error", error: text.slice(0, MAX_ERROR) });
  }

  /** Before the exam is connected there is no store to write to: it is written down with its own time later. */
  private write(entry: Noted): void {
    if (this.saves) this.saves.note(entry);
    else this.early.push({ entry, at: this.moment() });
  }

  read(id: string): void {
    this.inbox.read(id);
    this.socket?.messageRead(id);
    this.changed();
  }

  /** Another tab, browser or device took the exam over. */
  loseHold(to: Elsewhere = "device"): void {
    if (this.taken_over) return;
    this.taken_over = true;
    void this.saves?.leave(to);
    this.end();
    this.media.release();
    this.changed();
  }

  rouse(): void {
    this.nextBeat(0);
    this.saves?.rouse();
    this.media.rouse();
  }

  /** Watching ends. Answers still on this device go on being sent, unless another device has the exam now. */
  private end(): void {
    this.lockdown?.close();
    this.lockdown = null;
    if (this.beat !== null) clearTimeout(this.beat);
    this.socket?.close();
    this.socket = null;
    if (!this.taken_over) void this.saves?.flush();
  }

  private lockUp(): void {
    if (this.lockdown) return this.lockdown.tellAgain();
    if (this.over) return;
    this.holds = new Holds({ ...this.policy.record, ...this.policy.lock }, this.hold);
    const open = (cause: string): boolean => this.hold.breaches.some((one) => one.cause === cause && !one.restored);
    const before = {
      full_screen_spent_s: this.hold.full_screen_spent_s,
      left_full_screen: open("full_screen"),
      extended: open("display"),
    };
    const tell = ({ kind, extra }: Signal): void => {
      this.note(kind, extra);
      this.changed();
    };
    this.lockdown = new Lockdown(this.policy.lock, tell, before);
  }

  private moment(): Moment {
    const mono = monotonicMs();
    return { client_at: new Date(this.clock.at(mono)).toISOString(), mono_ms: Math.round(mono) };
  }

  private settle(state: AttemptState, deadline_at: string | null, reason = "", end_reason = ""): void {
    if (OVER.includes(this.state) && this.receipt) return; // the receipt stands; a late state changes nothing
    if (state !== this.state) this.end_reason = "";
    this.state = state;
    if (deadline_at) {
      const before_ms = this.deadline_ms ?? Date.parse(deadline_at);
      this.deadline_ms = Date.parse(deadline_at);
      this.holds?.given(this.deadline_ms - before_ms);
    }
    if (state !== "stopped" && state !== "paused" && state !== "voided") this.reason = "";
    if (reason) this.reason = reason;
    if (end_reason) this.end_reason = end_reason;
    if (this.over) this.end();
  }

  private hear(push: Push): void {
    if (push.type === "taken_over") {
      if (!this.unsure) this.loseHold(); // else the answer to our own connect tells who has it
      return;
    }
    if (push.type === "state") {
      this.clock.learn(anchorFrom(push.server_now));
      this.settle(push.state, push.deadline_at, push.reason, push.end_reason);
    } else this.inbox.take(push);
    this.changed();
  }

  private contact(error: DoorError | null, about: Sent | "beat"): void {
    if (error === null) this.watch?.heard(monotonicMs());
    else if (error.code === "reconnected") return;
    else if (error.code === "stale_lease") this.unsure ? this.reconnect() : this.loseHold();
    else if (error.status === 401) this.reconnect();
    else if (error.unreachable) this.watch?.failed();
    else if (about !== "entries") this.refused(`${error.status} ${error.code}`); // an entry about it would be refused too
  }

  /** Once in a row: what is refused is tried again, and each try must not fill the log. */
  private refused(what: string): void {
    if (what === this.last_refusal) return;
    this.last_refusal = what;
    this.error(what);
  }

  private nextBeat(after_ms: number): void {
    if (this.taken_over || this.over) return;
    if (this.beat !== null) clearTimeout(this.beat);
    this.beat = setTimeout(() => void this.sendBeat(), after_ms);
  }

  private async sendBeat(): Promise<void> {
    const before = this.connection();
    const messages_read = this.inbox.untold;
    try {
      const reply = await this.door.heartbeat({
        ...(this.started ? { question_number: this.current } : {}),
        mono_ms: Math.round(monotonicMs()),
        client_at: new Date().toISOString(), // the computer's own clock, wrong or not: the server notes the difference
        source_fps: this.media.source_fps,
        backlog: this.media.backlog,
        full_screen: document.fullscreenElement !== null,
        visible: document.visibilityState === "visible",
        ...(messages_read.length ? { messages_read } : {}),
      });
      this.watch?.heard(monotonicMs());
      this.inbox.told(messages_read);
      if (reply.token) {
        this.door.token = reply.token;
        this.media.setToken(reply.token);
      }
      this.settle(reply.state, reply.deadline_at, reply.reason, reply.end_reason);
      for (const message of reply.messages ?? []) this.hear(message);
      if (before.kind === "lost") {
        this.saves?.rouse();
        this.media.rouse();
      }
    } catch (error) {
      if (error instanceof DoorError) this.contact(error, "beat");
      else this.error(String(error));
    }
    const wait_s = this.connection().kind === "lost" ? 2 : this.policy.conn.heartbeat_s;
    this.nextBeat(wait_s * 1000);
    this.changed();
  }
}

function clientId(): string {
  const kept = localStorage.getItem(CLIENT_KEY);
  if (kept) return kept;
  const made = crypto.randomUUID();
  localStorage.setItem(CLIENT_KEY, made);
  return made;
}
