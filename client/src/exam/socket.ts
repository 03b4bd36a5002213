/** What the server pushes to a candidate. Without it everything still arrives with the next heartbeat, only later. */

import { Backoff } from "../base/backoff";
import type { AttemptState, MessagePush } from "../base/wire";

export type Push =
  | { type: "state"; state: AttemptState; deadline_at: string | null; reason?: string; end_reason?: string; server_now: string }
  | MessagePush
  | { type: "taken_over" };

export class CandidateSocket {
  private socket: WebSocket | null = null;
  private readonly backoff = new Backoff();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private closed = false;

  constructor(
    private readonly token: () => string,
    private readonly hear: (push: Push) => void,
  ) {
    this.open();
  }

  messageRead(id: string): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ type: "message_read", id }));
  }

  close(): void {
    this.closed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.socket?.close();
  }

  private open(): void {
    const address = new URL("/live/v1/candidate", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    this.socket = socket;
    socket.addEventListener("open", () => socket.send(JSON.stringify({ token: this.token() })));
    socket.addEventListener("message", ({ data }) => {
      this.backoff.reset();
      this.hear(JSON.parse(String(data)) as Push);
    });
    socket.addEventListener("close", () => this.again());
  }

  private again(): void {
    if (this.closed) return;
    this.timer = setTimeout(() => this.open(), this.backoff.next());
  }
}
