/** A server with the rules of `PUT /live/v1/media`, as a `fetch`, and a time that only the test moves. */

import { vi } from "vitest";

import { sha256Hex } from "../../src/buffer/segments";

export class FakeServer {
  readonly kept = new Map<string, Uint8Array>();
  /** Paths in the order they were stored. */
  readonly order: string[] = [];
  requests = 0;
  repeats = 0;
  offline = false;
  /** Answer with this status instead of storing. */
  status: number | null = null;
  /** Store, but lose the answer: the client cannot know. */
  lose_answers = 0;
  /** Damage this many bodies on the way. */
  damage = 0;
  /** Never take an init, and nothing behind it before it is there. */
  refuses_init = false;
  token = "t1";
  load = 0;

  readonly fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    this.requests += 1;
    answering += 1;
    return this.answer(input, init).finally(() => (answering -= 1));
  };

  private async answer(input: RequestInfo | URL, init: RequestInit): Promise<Response> {
    if (this.offline) throw new TypeError("Failed to fetch");
    const headers = new Headers(init.headers);
    const path = new URL(String(input)).pathname.replace("/live/v1/media/", "");
    if (headers.get("authorization") !== `Bearer ${this.token}`) return reply(401);
    if (this.status !== null) return reply(this.status);
    if (this.refuses_init) return reply(path.endsWith("/0") ? 400 : 503);
    if (path === "manifest") return reply(200, { missing: [], server_now: "2026-11-22T09:00:00Z" });
    const body = new Uint8Array(init.body as Uint8Array<ArrayBuffer>);
    if (this.damage-- > 0) body[0] = 255 - (body[0] ?? 0);
    if ((await sha256Hex(body)) !== headers.get("x-sha256")) return reply(422);
    const status = this.store(path, body);
    if (this.lose_answers-- > 0) throw new TypeError("connection lost");
    return reply(status, { server_now: "2026-11-22T09:00:00Z", load: this.load });
  }

  private store(path: string, body: Uint8Array): number {
    const before = this.kept.get(path);
    if (!before) {
      this.kept.set(path, body);
      this.order.push(path);
      return 201;
    }
    if (before.join() !== body.join()) return 409;
    this.repeats += 1;
    return 200;
  }
}

function reply(status: number, body: unknown = { code: "refused", message: "", fields: {} }): Response {
  return new Response(JSON.stringify(body), { status });
}

declare function setImmediate(done: () => void): void;

/** Turns of the event loop the store needs between two requests. */
const TURNS = 8;

/** Requests in the server's hands: a digest takes real time, so the test's time stands still meanwhile. */
let answering = 0;

async function turn(): Promise<void> {
  let turns = TURNS;
  while (turns-- > 0 || answering > 0) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Waits without letting any of the test's time pass. */
export async function atOnce(done: () => boolean): Promise<void> {
  for (let turns = 0; turns < 1_000 && !done(); turns++) await turn();
  if (!done()) throw new Error("not done at once");
}

/** Lets time run in small steps until `done`; every real promise in between gets its turn. */
export async function runUntil(done: () => boolean, most_ms = 120_000): Promise<void> {
  for (let passed = 0; passed <= most_ms; passed += 50) {
    if (done()) return;
    await vi.advanceTimersByTimeAsync(50);
    await turn();
  }
  throw new Error(`not done after ${most_ms} ms`);
}

export async function letPass(ms: number): Promise<void> {
  let steps = ms / 50;
  await runUntil(() => steps-- <= 0, ms + 100);
}
