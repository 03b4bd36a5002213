// The page's live connection: the desk socket with a token that is renewed, and the truth about how fresh the page is.
import { csrfToken } from "../base/look";
import type { JournalEntry, MediaHeader } from "../base/wire";
import { DeskSocket } from "../live/desk-socket";

const RENEW_EVERY_MS = 600_000; // a token lasts 900 s
/** The server says something every five seconds; silence for longer than two of them is a loss nobody has told us of. */
export const SILENT_MS = 12_000;

export interface LineEvents {
  /** Connected (again): re-read what the page shows. */
  fresh: () => void;
  /** Nothing has been heard: what the page shows is old. */
  stale: () => void;
  changed?: (attempt: string) => void;
  entries?: (entries: JournalEntry[]) => void;
  media?: (header: MediaHeader, bytes: ArrayBuffer) => void;
  heard?: () => void;
}

export class Line {
  readonly socket: DeskSocket;
  private heard_at = performance.now();
  private is_stale = false;

  constructor(token_url: string, private readonly events: LineEvents) {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new DeskSocket({
      url: `${scheme}//${location.host}/live/v1/desk`,
      token: () => viewerToken(token_url),
      events: {
        entries: (entries) => {
          this.hear();
          events.entries?.(entries);
        },
        changed: (attempt) => {
          this.hear();
          events.changed?.(attempt);
        },
        thumb: () => this.hear(),
        media: (header, bytes) => {
          this.hear();
          events.media?.(header, bytes);
        },
        connected: (connected) => (connected ? undefined : this.lose()),
        fault: () => undefined, // a message we do not know; the page re-reads every few seconds anyway
      },
    });
  }

  start(): void {
    void this.socket.run();
    window.setInterval(() => void this.socket.renew(), RENEW_EVERY_MS);
    window.setInterval(() => {
      if (performance.now() - this.heard_at > SILENT_MS) this.lose();
    }, 1000);
    window.addEventListener("pagehide", () => this.socket.close());
  }

  get stale(): boolean {
    return this.is_stale;
  }

  private hear(): void {
    this.heard_at = performance.now();
    this.events.heard?.();
    if (!this.is_stale) return;
    this.is_stale = false;
    this.events.fresh();
  }

  private lose(): void {
    if (this.is_stale) return;
    this.is_stale = true;
    this.events.stale();
  }
}

async function viewerToken(url: string): Promise<string> {
  const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" } });
  if (!answer.ok) throw new Error(`no viewer token: ${answer.status}`);
  return ((await answer.json()) as { token: string }).token;
}
