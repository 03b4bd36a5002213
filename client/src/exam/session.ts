/** One attempt in this page: who holds it, what state it is in, and everything that runs while it is taken. */

import { ServerClock, anchorFrom, monotonicMs } from "../base/clock";
import type { AttemptState, ConnectReply, HoldState } from "../base/wire";
import { Journal, type Moment } from "../buffer/journal";
import type { Signal } from "../lockdown/signals";
import { Lockdown } from "../lockdown/watch";
import { type Connection, ConnectionWatch } from "./connection";
import { DoorError, LiveDoor, PageDoor, type Receipt } from "./door";
import { type ClientPolicy, type StartFacts, clientPolicy } from "./facts";
import { Holds, type Warned } from "./holds";
import { Media } from "./media";
import { type Overlay, overlayOf } from "./overlay";
import { Saves } from "./saves";
import { CandidateSocket, type Push } from "./socket";
import { secondsLeft } from "./timer";

export interface Question {
  number: number;
  item_id: string;
  title: string;
  kind: string;
  max_score: number;
}

interface Message {
  id: string;
  from: string;
  body: string;
  at: string;
  read: boolean;
}

const CLIENT_KEY = "examhall-client";
const MAX_ERROR = 500;
const NO_HOLD: HoldState = { full_screen_spent_s: 0, credit_left_s: 0, breaches: [] };
const OVER: readonly AttemptState[] = ["handed_in", "timed_out", "voided"];

export class ExamSession {
  readonly pages = new PageDoor();
  readonly door: LiveDoor;
  readonly media: Media;
  clock: ServerClock;
  saves: Saves | null = null;
  policy: ClientPolicy = clientPolicy({});
  questions: Question[] = [];
  state: AttemptState;
  reason = "";
  deadline_ms: number | null = null;
  started = false;
  taken_over = false;
  messages: Message[] = [];
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
  private closed = false;
  private readonly early_errors: string[] = [];
  private readonly early_pages: { page: string; moment: Moment }[] = [];
  private opened_ms = monotonicMs();
  private readonly xml = new Map<string, string>();

  constructor(
    readonly facts: StartFacts,
    worker_url: string,
    private readonly changed: () => void,
  ) {
    this.state = facts.state;
    this.clock = new ServerClock(anchorFrom(facts.server_now));
    this.door = new LiveDoor((anchor, load) => {
      this.clock.learn(anchor);
      this.media.heard(anchor, load);
    });
    this.media = new Media({
      worker_url,
      required: facts.required_tracks,
      sound: facts.sound,
      onChange: changed,
      onLost: ({ what, cause }) => {
        this.note("track_ended", { track: what, cause });
      },
      onTokenNeeded: () => void this.connect(false).catch(() => this.watch?.failed()),
      onFault: (cause, message) => this.error(`recording: ${cause}: ${message}`),
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
    const unread = this.messages.find((message) => !message.read);
    const full_screen_s = this.lockdown?.fullScreenLeft() ?? null;
    this.lookAtHolds(full_screen_s);
    return overlayOf({
      state: this.state,
      started: this.started,
      reason: this.reason,
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
    const reply = await this.pages.connect(this.facts.urls.connect, clientId(), takeover);
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
    this.socket ??= new CandidateSocket(() => this.door.token, (push) => this.hear(push));
    if (this.beat === null) this.nextBeat(0);
    if (this.started) {
      if (this.media.ready) this.lockUp(); // a page that still asks for its devices cannot be in full screen
      void this.fetchAll();
    }
    this.changed();
  }

  /** After a crash: the devices are open again and the exam is shown. */
  goOn(): void {
    this.lockUp();
    this.changed();
  }

  private async openStores(reply: ConnectReply): Promise<void> {
    if (this.saves) {
      this.saves.hold(false);
      return;
    }
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
      onContact: (error) => this.contact(error),
      onFault: (error) => this.error(String(error)),
    });
    await this.saves.restore(reply.answers);
    for (const { page, moment } of this.early_pages.splice(0)) void this.saves.note({ kind: "page_visited", extra: { page } }, moment);
    for (const text of this.early_errors.splice(0)) this.error(text);
  }

  /** Presses Start: the timer begins with the server's answer. */
  async start(): Promise<void> {
    await this.saves?.flush();
    const reply = await this.door.start();
    this.started = true;
    this.settle(reply.state as AttemptState, reply.deadline_at);
    this.lockUp();
    void this.fetchAll();
    this.changed();
  }

  async handIn(): Promise<Receipt> {
    await this.saves?.flush();
    const key = `hand-in-${this.facts.attempt}`; // one key for ever: a repeat gives the same receipt
    const { receipt } = await this.door.handIn(key);
    this.receipt = receipt;
    this.settle("handed_in", null);
    this.end();
    return receipt;
  }

  /** After "Check in again": the server lets the stopped attempt go on. */
  async again(): Promise<void> {
    await this.pages.post(this.facts.urls.again, {});
    await this.connect(false);
  }

  /** Kept once fetched: a candidate whose connection is gone can still turn to every question. */
  async itemXml(item_id: string): Promise<string> {
    const kept = this.xml.get(item_id);
    if (kept !== undefined) return kept;
    const xml = await this.pages.item(`${this.facts.urls.items}${item_id}.xml`);
    this.xml.set(item_id, xml);
    return xml;
  }

  private async fetchAll(): Promise<void> {
    for (const { item_id } of this.questions) {
      await this.itemXml(item_id).catch(() => ""); // asked for again when it is opened
    }
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

  /** A page that is no question was opened; also before the server knows this client. */
  visited(page: string): void {
    if (this.saves) this.note("page_visited", { page });
    else this.early_pages.push({ page, moment: this.moment() });
  }

  note(kind: string, extra: Record<string, string | number | boolean> = {}, about?: Question): void {
    void this.saves?.note({ kind, extra, ...(about ? { question_number: about.number, item_id: about.item_id } : {}) });
  }

  /** Never carries an answer: only what failed. */
  error(text: string): void {
    if (this.saves) void this.saves.note({ kind: "front_end_error", error: text.slice(0, MAX_ERROR) });
    else this.early_errors.push(text);
  }

  read(id: string): void {
    const message = this.messages.find((one) => one.id === id);
    if (message) message.read = true;
    this.socket?.messageRead(id);
    this.changed();
  }

  /** Another tab of this browser took the exam over. */
  loseHold(): void {
    this.taken_over = true;
    this.end();
    this.media.release();
    this.changed();
  }

  rouse(): void {
    this.nextBeat(0);
    this.saves?.rouse();
    this.media.rouse();
  }

  /** Stops what writes to the log; the recording is ended apart, because it still uploads. */
  end(): void {
    this.lockdown?.close();
    this.lockdown = null;
    if (this.closed || !(this.taken_over || this.over)) return;
    this.closed = true;
    if (this.beat !== null) clearTimeout(this.beat);
    this.socket?.close();
    if (this.taken_over) this.saves?.close();
    else void this.leave();
  }

  private async leave(): Promise<void> {
    await this.saves?.note({ kind: "page_visited", extra: { page: "finish" } });
    await this.saves?.flush();
    this.saves?.close();
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

  private settle(state: AttemptState, deadline_at: string | null, reason = ""): void {
    if (OVER.includes(this.state) && this.receipt) return; // the receipt stands; a late state changes nothing
    this.state = state;
    if (deadline_at) {
      const before_ms = this.deadline_ms ?? Date.parse(deadline_at);
      this.deadline_ms = Date.parse(deadline_at);
      this.holds?.given(this.deadline_ms - before_ms);
    }
    if (state !== "stopped" && state !== "paused" && state !== "voided") this.reason = "";
    if (reason) this.reason = reason;
    if (this.over) this.end();
  }

  private hear(push: Push): void {
    if (push.type === "taken_over") return this.loseHold();
    if (push.type === "state") {
      this.clock.learn(anchorFrom(push.server_now));
      this.settle(push.state, push.deadline_at, push.reason);
    } else if (!this.messages.some((message) => message.id === push.id)) {
      this.messages.push({ id: push.id, from: push.from, body: push.body, at: push.at, read: false });
    }
    this.changed();
  }

  private contact(error: DoorError | null): void {
    if (error === null) this.watch?.heard(monotonicMs());
    else if (error.code === "stale_lease") this.loseHold();
    else if (error.status === 401) void this.connect(false).catch(() => this.watch?.failed());
    else if (error.unreachable) this.watch?.failed();
    else this.error(`${error.status} ${error.code}`);
  }

  private nextBeat(after_ms: number): void {
    if (this.closed) return;
    if (this.beat !== null) clearTimeout(this.beat);
    this.beat = setTimeout(() => void this.sendBeat(), after_ms);
  }

  private async sendBeat(): Promise<void> {
    const before = this.connection();
    try {
      const reply = await this.door.heartbeat({
        ...(this.started ? { question_number: this.current } : {}),
        mono_ms: Math.round(monotonicMs()),
        client_at: new Date().toISOString(), // the computer's own clock, wrong or not: the server notes the difference
        source_fps: this.media.source_fps,
        backlog: this.media.backlog,
        full_screen: document.fullscreenElement !== null,
        visible: document.visibilityState === "visible",
      });
      this.watch?.heard(monotonicMs());
      if (reply.token) {
        this.door.token = reply.token;
        this.media.setToken(reply.token);
      }
      this.settle(reply.state, reply.deadline_at);
      if (before.kind === "lost") this.rouseAfterLoss();
    } catch (error) {
      if (error instanceof DoorError) this.contact(error);
      else this.error(String(error));
    }
    const wait_s = this.connection().kind === "lost" ? 2 : this.policy.conn.heartbeat_s;
    this.nextBeat(wait_s * 1000);
    this.changed();
  }

  private rouseAfterLoss(): void {
    this.saves?.rouse();
    this.media.rouse();
  }
}

function clientId(): string {
  const kept = localStorage.getItem(CLIENT_KEY);
  if (kept) return kept;
  const made = crypto.randomUUID();
  localStorage.setItem(CLIENT_KEY, made);
  return made;
}
