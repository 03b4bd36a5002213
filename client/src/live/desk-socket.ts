/** One WebSocket per staff page: facts as JSON, media as a header followed by one binary message. Returns after loss. */

import { Backoff, pause } from "../base/backoff";
import { Cause, ClientError } from "../base/errors";
import type { DeskMessage, JournalEntry, MediaHeader, WatchedTrack } from "../base/wire";

export interface DeskEvents {
  /** Entries behind the cursor; the cursor has already moved. */
  entries: (entries: JournalEntry[]) => void;
  changed: (attempt: string) => void;
  thumb: (message: Extract<DeskMessage, { type: "thumb" }>) => void;
  media: (header: MediaHeader, bytes: ArrayBuffer) => void;
  /** `true` after each (re)connect: what the page shows may be stale until it has re-read. */
  connected: (connected: boolean) => void;
  fault: (error: ClientError) => void;
}

export interface DeskSocketOptions {
  url: string;
  /** Fetches a viewer token; called for each connect, so a renewed one is always used. */
  token: () => Promise<string>;
  events: DeskEvents;
  connect?: (url: string) => WebSocket;
  random?: () => number;
}

export class DeskSocket {
  private socket: WebSocket | null = null;
  private watched: WatchedTrack[] = [];
  private readonly cursors = new Map<string, number>();
  private only: string | null = null;
  private header: MediaHeader | null = null;
  private readonly closed = new AbortController();

  constructor(private readonly options: DeskSocketOptions) {}

  /** Connects, and again after each loss, until `close`. */
  async run(): Promise<void> {
    const backoff = new Backoff(this.options.random);
    while (!this.closed.signal.aborted) {
      const lived = await this.once();
      if (lived) backoff.reset();
      await pause(backoff.next(), this.closed.signal);
    }
  }

  /** Replaces the list of what is watched; it is repeated by itself after each loss. */
  watch(attempts: WatchedTrack[]): void {
    this.watched = attempts;
    this.say({ type: "watch", attempts });
  }

  /** Follows a schedule: hints of what changed; with `attempt` also that attempt's entries after number `after`. */
  follow(schedule: string, after: number, attempt: string | null = null): void {
    this.cursors.set(schedule, after);
    this.only = attempt;
    this.feed(schedule, after);
  }

  /** Shows a fresh token, so that the connection outlives the first one. A failed try is repeated by the reconnect. */
  async renew(): Promise<void> {
    try {
      const token = await this.options.token();
      this.say({ token });
    } catch {
      return;
    }
  }

  close(): void {
    this.closed.abort();
    this.socket?.close();
  }

  /** One connection's life. Resolves with whether it ever opened. */
  private async once(): Promise<boolean> {
    let token: string;
    try {
      token = await this.options.token();
    } catch {
      return false; // the page's own fetch reports why; here it is one more failed try
    }
    if (this.closed.signal.aborted) return false;
    const connect = this.options.connect ?? ((url: string) => new WebSocket(url));
    const socket = connect(this.options.url);
    socket.binaryType = "arraybuffer";
    let lived = false;
    return new Promise((resolve) => {
      socket.addEventListener("open", () => {
        lived = true;
        this.opened(socket, token);
      });
      socket.addEventListener("message", (event: MessageEvent<string | ArrayBuffer>) => this.hear(event.data));
      socket.addEventListener("close", () => {
        this.socket = null;
        this.header = null;
        if (lived) this.options.events.connected(false);
        resolve(lived);
      });
    });
  }

  private opened(socket: WebSocket, token: string): void {
    this.socket = socket;
    this.say({ token });
    this.options.events.connected(true);
    for (const [schedule, after] of this.cursors) this.feed(schedule, after);
    if (this.watched.length > 0) this.say({ type: "watch", attempts: this.watched });
  }

  private feed(schedule: string, after: number): void {
    this.say({ type: "feed", schedule, after, ...(this.only ? { attempt: this.only } : {}) });
  }

  private say(message: unknown): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message));
  }

  private hear(received: string | ArrayBuffer): void {
    if (typeof received !== "string") {
      const header = this.header;
      this.header = null;
      if (header) this.options.events.media(header, received);
      else this.fault("A binary message came without its header.");
      return;
    }
    if (this.header) this.fault("A media header was not followed by its bytes.");
    this.header = null;
    let message: DeskMessage;
    try {
      message = JSON.parse(received) as DeskMessage;
    } catch {
      return this.fault("A message is not JSON.");
    }
    this.sort(message);
  }

  private sort(message: DeskMessage): void {
    const { events } = this.options;
    switch (message.type) {
      case "media":
        this.header = message;
        return;
      case "entries":
        this.advance(message.entries);
        return events.entries(message.entries);
      case "changed":
        return events.changed(message.attempt);
      case "thumb":
        return events.thumb(message);
      default:
        return this.fault("A message has an unknown type.");
    }
  }

  /** With one schedule on the page the cursor is its last number; after a loss the feed goes on behind it. */
  private advance(entries: JournalEntry[]): void {
    for (const entry of entries) {
      const schedule = typeof entry["schedule"] === "string" ? entry["schedule"] : [...this.cursors.keys()][0];
      if (schedule === undefined) continue;
      this.cursors.set(schedule, Math.max(this.cursors.get(schedule) ?? 0, entry.number));
    }
  }

  private fault(message: string): void {
    this.options.events.fault(new ClientError(Cause.BadMessage, message));
  }
}
