/** Requests to both doors: the pages' (session and CSRF) and the live one (attempt token). Knows how answers fail. */

import { type Anchor, anchorFrom, monotonicMs } from "../base/clock";
import { csrfToken } from "../base/look";
import type {
  AnswerOut,
  AnswerResult,
  ConnectReply,
  EntriesReply,
  EntryOut,
  HeartbeatReply,
  HeartbeatRequest,
  WireError,
} from "../base/wire";

const TIMEOUT_MS = 10_000;

/** `unreachable`: no answer, or one that says the server cannot just now; everything is sent again later. */
export class DoorError extends Error {
  constructor(
    readonly unreachable: boolean,
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: Record<string, string> = {},
  ) {
    super(message);
    this.name = "DoorError";
  }
}

export interface StartReply {
  started_at: string;
  deadline_at: string;
  state: string;
  server_now: string;
}

export interface Receipt {
  number: string;
  handed_in_at: string;
  answered: number;
  total: number;
}

async function send(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal: init.signal ?? AbortSignal.timeout(TIMEOUT_MS), cache: "no-store" });
  } catch {
    throw new DoorError(true, 0, "unreachable", "The exam server does not answer.");
  }
  if (response.ok) return response;
  const wrong = await errorOf(response);
  const unreachable = response.status >= 500 || response.status === 429;
  throw new DoorError(unreachable, response.status, wrong.code, wrong.message, wrong.fields);
}

async function errorOf(response: Response): Promise<WireError> {
  const plain = { code: `http_${response.status}`, message: "The exam server could not do this. Try again.", fields: {} };
  try {
    return { ...plain, ...((await response.json()) as Partial<WireError>) };
  } catch {
    return plain;
  }
}

/** It was sent under the epoch before our own reconnect; the same thing sent again is taken. */
function reconnected(): DoorError {
  return new DoorError(true, 409, "reconnected", "The exam was connected anew meanwhile.");
}

/** What the pages' door offers one attempt. */
export class PageDoor {
  async post<Reply>(url: string, body: unknown): Promise<Reply> {
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() };
    const response = await send(url, { method: "POST", headers, body: JSON.stringify(body) });
    return (await response.json()) as Reply;
  }

  connect(url: string, client_id: string, takeover: boolean): Promise<ConnectReply> {
    return this.post<ConnectReply>(url, { client_id, takeover });
  }

  /** Sends `bytes` and says how long they took, in ms. */
  async probe(url: string, bytes: Uint8Array<ArrayBuffer>): Promise<{ took_ms: number; server_now: string }> {
    const before = performance.now();
    const headers = { "Content-Type": "application/octet-stream", Accept: "application/json", "X-CSRFToken": csrfToken() };
    const response = await send(url, { method: "POST", headers, body: bytes, signal: AbortSignal.timeout(20_000) });
    const { server_now } = (await response.json()) as { server_now: string };
    return { took_ms: performance.now() - before, server_now };
  }

  async item(url: string): Promise<string> {
    return (await send(url, { headers: { Accept: "application/xml" } })).text();
  }
}

/** The live door under one token and epoch; every answer also tells the server's time. */
export class LiveDoor {
  token = "";
  epoch = 0;

  constructor(
    private readonly heard: (anchor: Anchor, load: number | null) => void,
    private readonly base = "/live/v1",
  ) {}

  heartbeat(body: Omit<HeartbeatRequest, "epoch">): Promise<HeartbeatReply> {
    return this.post<HeartbeatReply>("/heartbeat", body);
  }

  answers(answers: AnswerOut[]): Promise<{ server_now: string; results: AnswerResult[] }> {
    return this.post("/answers", { answers });
  }

  entries(entries: EntryOut[]): Promise<EntriesReply> {
    return this.post<EntriesReply>("/entries", { entries });
  }

  start(): Promise<StartReply> {
    return this.post<StartReply>("/start", {});
  }

  handIn(idempotency_key: string): Promise<{ receipt: Receipt; server_now: string }> {
    return this.post("/hand-in", { idempotency_key });
  }

  private async post<Reply extends { server_now: string }>(path: string, body: object): Promise<Reply> {
    const headers = { "Content-Type": "application/json", Authorization: `Bearer ${this.token}` };
    const whole = JSON.stringify({ epoch: this.epoch, ...body });
    const { epoch } = this;
    const response = await send(this.base + path, { method: "POST", headers, body: whole }).catch((error: unknown) => {
      throw error instanceof DoorError && error.code === "stale_lease" && epoch !== this.epoch ? reconnected() : error;
    });
    const at = monotonicMs();
    const reply = (await response.json()) as Reply & { load?: number };
    this.heard(anchorFrom(reply.server_now, at), reply.load ?? null);
    return reply;
  }
}
