/** Whether the server hears this page. The window runs from the last accepted heartbeat, as on the server (A7). */

export type Connection = { kind: "online" } | { kind: "lost"; since_ms: number };

export interface ConnectionRules {
  heartbeat_lost_s: number;
  reconnect_window_s: number;
  offline_input: "block" | "allow";
}

export class ConnectionWatch {
  private last_heard_ms: number;
  private failing = false;

  constructor(
    private readonly rules: ConnectionRules,
    now_ms: number,
  ) {
    this.last_heard_ms = now_ms;
  }

  heard(now_ms: number): void {
    this.failing = false;
    this.last_heard_ms = now_ms;
  }

  failed(): void {
    this.failing = true;
  }

  /** Lost as soon as one request went unanswered; a quiet page is lost after `heartbeat_lost_s`. */
  at(now_ms: number): Connection {
    const quiet = now_ms - this.last_heard_ms >= this.rules.heartbeat_lost_s * 1000;
    return this.failing || quiet ? { kind: "lost", since_ms: this.last_heard_ms } : { kind: "online" };
  }

  /** Seconds until the exam stops; null while online. */
  secondsLeft(now_ms: number): number | null {
    const is = this.at(now_ms);
    if (is.kind === "online") return null;
    return Math.max(0, Math.ceil(this.rules.reconnect_window_s - (now_ms - is.since_ms) / 1000));
  }

  /** product.md §5.4: `block` takes effect after 15 s, the same moment the server notes the loss. */
  inputBlocked(now_ms: number): boolean {
    const is = this.at(now_ms);
    if (is.kind === "online" || this.rules.offline_input === "allow") return false;
    return now_ms - is.since_ms >= this.rules.heartbeat_lost_s * 1000;
  }
}
