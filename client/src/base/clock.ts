/** Server time as this page knows it. Knows nothing of the computer's own date: a wrong wall clock must not move evidence. */

/** One statement of the server about its time. */
export interface Anchor {
  /** The server's `server_now`, in ms since 1970. */
  server_ms: number;
  /** Monotonic time at which it was received: `monotonicMs()`, comparable between a page and its workers. */
  mono_ms: number;
}

/**
 * Monotonic ms on a scale shared by the page and its workers.
 * `timeOrigin` differs per global but both are laid over the same monotonic clock, so the sum is comparable.
 */
export function monotonicMs(): number {
  return performance.timeOrigin + performance.now();
}

export function anchorFrom(server_now: string, mono_ms: number = monotonicMs()): Anchor {
  const server_ms = Date.parse(server_now);
  if (Number.isNaN(server_ms)) throw new TypeError(`The server's time ${JSON.stringify(server_now)} is not a date.`);
  return { server_ms, mono_ms };
}

/**
 * Estimates the server's time from its answers.
 * An answer is always older than it looks (it travelled), so of all estimates the latest is the best one;
 * taking the maximum also means the estimate never steps back, and media times never repeat.
 */
export class ServerClock {
  private offset_ms: number;

  constructor(
    anchor: Anchor,
    private readonly mono: () => number = monotonicMs,
  ) {
    this.offset_ms = anchor.server_ms - anchor.mono_ms;
  }

  learn(anchor: Anchor): void {
    this.offset_ms = Math.max(this.offset_ms, anchor.server_ms - anchor.mono_ms);
  }

  /** Server time now, ms since 1970. */
  now(): number {
    return this.at(this.mono());
  }

  /** Server time at a monotonic moment. */
  at(mono_ms: number): number {
    return mono_ms + this.offset_ms;
  }
}
