/** A site with one attempt, as `fetch` and `WebSocket`: grants leases with the server's rules and keeps what it is sent. */

import { vi } from "vitest";

import type { AnswerOut, AttemptState, ConnectReply, EntryOut, HeartbeatRequest, MessagePush } from "../../src/base/wire";
import type { StartFacts } from "../../src/exam/facts";

export const NOW = "2026-11-23T09:00:00.000Z";
const LATER = "2026-11-23T10:00:00.000Z";

export class FakeSocket extends EventTarget {
  readonly sent: string[] = [];
  readyState = 0;

  constructor(readonly address: URL) {
    super();
    FakeSite.current.sockets.push(this);
    queueMicrotask(() => {
      this.readyState = 1;
      this.dispatchEvent(new Event("open"));
    });
  }

  send(text: string): void {
    this.sent.push(text);
  }

  push(message: object): void {
    if (this.readyState === 1) this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
  }

  close(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event("close"));
  }
}

type Body = { epoch: number; client_id?: string; entries?: EntryOut[]; answers?: AnswerOut[] } & Partial<HeartbeatRequest>;

export class FakeSite {
  static current: FakeSite;
  readonly sockets: FakeSocket[] = [];
  readonly answers: AnswerOut[] = [];
  readonly entries: EntryOut[] = [];
  readonly beats: HeartbeatRequest[] = [];
  handed_in = 0;
  epoch = 0;
  state: AttemptState = "in_progress";
  /** Another client holds the attempt and is heard. */
  held_elsewhere = false;
  offline = false;
  /** The server grants the lease, and its answer is lost on the way. */
  loses_connect = 0;
  token_expired = false;
  answersStatus = 0;
  /** Why no answer counts any more. */
  refuses = "";
  /** What the heartbeat's answer says beside the state. */
  said: { reason?: string; end_reason?: string; messages?: MessagePush[] } = {};
  /** Live requests, answered or still waiting at the gate. */
  readonly arrived: string[] = [];
  /** Requests wait at the server until this resolves. */
  gate: Promise<void> = Promise.resolve();

  constructor() {
    FakeSite.current = this;
    vi.stubGlobal("WebSocket", Object.assign(FakeSocket, { OPEN: 1 }));
    vi.stubGlobal("fetch", (url: string, init: RequestInit = {}) => this.answer(String(url), init));
  }

  get open(): FakeSocket[] {
    return this.sockets.filter((socket) => socket.readyState === 1);
  }

  takenOver(): void {
    this.epoch += 1;
    this.held_elsewhere = true;
  }

  private async answer(url: string, init: RequestInit): Promise<Response> {
    if (this.offline) throw new TypeError("Failed to fetch");
    const body = JSON.parse(String(init.body ?? "{}")) as Body;
    if (url === "/connect") return this.connect();
    this.arrived.push(url.replace("/live/v1/", ""));
    await this.gate;
    if (this.token_expired) return refusal(401, "not_signed_in");
    if (body.epoch !== this.epoch) return refusal(409, "stale_lease");
    return this.live(url.replace("/live/v1/", ""), body);
  }

  private connect(): Response {
    if (this.held_elsewhere) return refusal(409, "held_elsewhere");
    this.epoch += 1;
    this.token_expired = false;
    if (this.loses_connect-- > 0) throw new TypeError("connection lost");
    return Response.json({ ...connected(this.epoch), state: this.state });
  }

  private live(path: string, body: Body): Response {
    if (path === "heartbeat") {
      this.beats.push(body as HeartbeatRequest);
      return reply({ state: this.state, deadline_at: LATER, load: 0, last_entry: 1, ...this.said });
    }
    if (path === "entries") {
      this.entries.push(...(body.entries ?? []));
      return reply({ accepted: (body.entries ?? []).map((entry) => entry.client_seq), rejected: [] });
    }
    if (path === "answers") {
      if (this.answersStatus) return refusal(this.answersStatus, "unavailable");
      this.answers.push(...(body.answers ?? []));
      const what = this.refuses ? { status: "rejected", code: "after_deadline", message: this.refuses } : { status: "saved", saved_at: NOW };
      const results = (body.answers ?? []).map(({ item_id, client_seq }) => ({ item_id, client_seq, ...what }));
      return reply({ results });
    }
    this.handed_in += 1;
    this.state = "handed_in";
    return reply({ receipt: { number: "R-1", handed_in_at: NOW, answered: 1, total: 1 } });
  }
}

export function connected(epoch: number): ConnectReply {
  return {
    server_now: NOW,
    token: `t${epoch}`,
    epoch,
    entered_at: NOW,
    state: "in_progress",
    started_at: null,
    deadline_at: LATER,
    policy: { lock: { prevent_reentry: "off" } },
    questions: [{ number: 1, item_id: "a", title: "A", kind: "essay", max_score: 1 }],
    answers: [],
    next_media_epoch: {},
    last_client_seq: 0,
    hold: { full_screen_spent_s: 0, credit_left_s: 0, breaches: [] },
    required_tracks: [],
  };
}

function reply(body: object): Response {
  return Response.json({ server_now: NOW, ...body });
}

function refusal(status: number, code: string): Response {
  return Response.json({ code, message: "Refused.", fields: {} }, { status });
}

export const FACTS: StartFacts = {
  attempt: "attempt",
  code: "P-1",
  title: "Exam",
  exam_code: "E-1",
  candidate: "Amara Okonkwo",
  support_contact: "",
  state: "in_progress",
  server_now: NOW,
  duration_s: 3600,
  ends_at: LATER,
  flow: [],
  to_do: [],
  lines: [],
  looks: [],
  required_tracks: [],
  sound: false,
  free_space_mb: 1,
  upstream_kbit_s: 1,
  agreement: { title: "", paragraphs: [], version: 1, sha256: "", download: "" },
  urls: { connect: "/connect", items: "/items/", check: "", agreement: "", looks: "/looks", probe: "", again: "/again", receipt: "", exams: "" },
};
