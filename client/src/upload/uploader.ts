/**
 * Sends stored segments until the server has them: at least once here, recognised there, so exactly once together.
 * Two lanes: the newest fragment of each track goes first (people watch it), the backlog follows beside it.
 */

import { Backoff, pause } from "../base/backoff";
import { Cause, ClientError } from "../base/errors";
import type { Backlog, Gap, ManifestReply, ManifestTrack, PutReply, Track } from "../base/wire";
import { type SegmentKey, type SegmentMeta, type SegmentRecord, keyOf, sha256Hex } from "../buffer/segments";

export const REQUEST_TIMEOUT_MS = 10_000;
/** Failing for this long is an outage; the return from it is spread so that a whole hall does not arrive at once. */
export const OUTAGE_AFTER_MS = 20_000;
/** The longest such spread (design.md §5). */
export const SPREAD_MS = 30_000;
/** Fragments this close to the newest one are still "now" for somebody watching. */
const LIVE_WINDOW_MS = 6_000;
const INIT_SEQ = 0;
const ASK_TOKEN_EVERY_MS = 10_000;
/** Longest sleep of a lane with nothing to do; news ends it at once. */
const IDLE_MS = 60_000;

export interface SegmentSource {
  pending(attempt: string): Promise<SegmentMeta[]>;
  load(key: SegmentKey): Promise<SegmentRecord | undefined>;
  remove(key: SegmentKey): Promise<void>;
  stop(key: SegmentKey, cause: Cause): Promise<void>;
}

export type UploadReport =
  | { type: "progress"; backlog: Backlog; failing: boolean; storage_full: boolean }
  | { type: "stored"; track: Track; media_epoch: number; seq: number; repeat: boolean; server_now: string }
  | { type: "token_needed" }
  | { type: "fault"; error: ClientError };

export interface UploaderOptions {
  attempt: string;
  /** Origin and path before `/live/v1`, without a slash at the end. */
  base_url: string;
  token: string;
  source: SegmentSource;
  report: (report: UploadReport) => void;
  /** Wait before the backlog moves again after an outage, 0 to SPREAD_MS, drawn by the caller. */
  spread_ms: () => number;
  fetch?: typeof fetch;
  random?: () => number;
  mono?: () => number;
}

type Lane = "live" | "backlog";
type Outcome = "settled" | "again" | "token";

export class Uploader {
  private readonly waiting = new Map<string, SegmentMeta>();
  private readonly in_flight = new Set<string>();
  private readonly stopped = new AbortController();
  /** Ends idle sleep: there is something new to send. */
  private news = new AbortController();
  /** Ends the wait between two tries as well: there is reason to believe that trying works now. */
  private hope = new AbortController();
  private newest_ms = -Infinity;
  private token: string;
  private token_refused = false;
  private load_0_10 = 0;
  private failing_since: number | null = null;
  private backlog_from = 0;
  /** The server has taken something from this page: only what worked before can come back. */
  private reached = false;
  private finishing = false;
  private storage_full = false;
  private readonly fetch: typeof fetch;
  private readonly mono: () => number;

  constructor(private readonly options: UploaderOptions) {
    this.token = options.token;
    this.fetch = options.fetch ?? ((...args) => fetch(...args));
    this.mono = options.mono ?? (() => performance.now());
  }

  /** Takes over what earlier pages left, then sends until `close`. Resolves when both lanes have stopped. */
  async run(): Promise<void> {
    for (const meta of await this.options.source.pending(this.options.attempt)) {
      this.admit(meta);
    }
    this.progress();
    await Promise.all([this.drive("live"), this.drive("backlog")]);
  }

  /** Announces a segment that is now in the store. */
  offer(meta: SegmentMeta): void {
    this.admit(meta);
    this.progress();
    this.news.abort();
    this.news = new AbortController();
  }

  setToken(token: string): void {
    this.token = token;
    this.token_refused = false;
    this.rouse();
  }

  /** The server's load, 0 to 10, as any of its answers tells it. */
  setLoad(load: number): void {
    this.load_0_10 = Math.min(10, Math.max(0, load));
  }

  /** Try now instead of at the end of the running wait: the browser says the network is back. */
  rouse(): void {
    this.hope.abort();
    this.hope = new AbortController();
  }

  /** Nothing more will be made and somebody waits for the end: no spreading from here on. */
  finish(): void {
    this.finishing = true;
    this.backlog_from = 0;
    this.rouse();
  }

  backlog(): Backlog {
    let bytes = 0;
    for (const meta of this.waiting.values()) bytes += meta.size_bytes;
    return { segments: this.waiting.size, bytes };
  }

  close(): void {
    this.stopped.abort();
    this.rouse();
  }

  /** Tells the server what was made and returns what it lacks. Rejects when it cannot be reached. */
  async manifest(made: { tracks: ManifestTrack[]; gaps: Gap[] }): Promise<ManifestReply> {
    const reply = await this.fetch(`${this.options.base_url}/live/v1/media/manifest`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      body: JSON.stringify(made),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    if (!reply.ok) {
      const cause = reply.status === 401 ? Cause.NotSignedIn : Cause.Refused;
      throw new ClientError(cause, "The server did not take the list of segments.", { status: String(reply.status) });
    }
    return (await reply.json()) as ManifestReply;
  }

  private async drive(lane: Lane): Promise<void> {
    const backoff = new Backoff(this.options.random);
    while (!this.stopped.signal.aborted) {
      const meta = this.pick(lane);
      if (!meta || (lane === "backlog" && this.mono() < this.backlog_from)) {
        const wait_ms = meta ? this.backlog_from - this.mono() : IDLE_MS;
        await pause(wait_ms, this.stopped.signal, this.hope.signal, this.news.signal);
        continue;
      }
      if (this.token_refused) {
        this.options.report({ type: "token_needed" });
        await pause(ASK_TOKEN_EVERY_MS, this.stopped.signal, this.hope.signal);
        continue;
      }
      const outcome = await this.send(meta);
      if (outcome === "settled") {
        backoff.reset();
        await this.stretch(lane);
      } else if (outcome !== "token") {
        await pause(backoff.next(), this.stopped.signal, this.hope.signal);
      }
    }
  }

  /** The live lane takes inits and what is close to now, newest first; the backlog lane the rest, oldest first. */
  private pick(lane: Lane): SegmentMeta | undefined {
    const free = [...this.waiting].filter(([name]) => !this.in_flight.has(name)).map(([, meta]) => meta);
    if (free.length === 0) return undefined;
    const isLive = (meta: SegmentMeta): boolean => this.newest_ms - meta.t_ms <= LIVE_WINDOW_MS;
    if (lane === "live") return free.filter(isLive).sort((a, b) => rank(b) - rank(a))[0];
    return free
      .filter((meta) => !isLive(meta))
      .sort((a, b) => a.t_ms - b.t_ms || a.seq - b.seq)[0];
  }

  private async send(meta: SegmentMeta): Promise<Outcome> {
    const name = keyOf(meta).join("/");
    this.in_flight.add(name);
    try {
      const record = await this.options.source.load(keyOf(meta));
      if (!record) {
        this.waiting.delete(name); // sent by another page of this attempt, or already written off as a gap
        return "settled";
      }
      return await this.settle(record, await this.put(record));
    } catch {
      this.failed(); // fetch rejects for a lost network and for the time-out; both are tried again
      return "again";
    } finally {
      this.in_flight.delete(name);
      this.progress();
    }
  }

  private put(record: SegmentRecord): Promise<Response> {
    const headers: Record<string, string> = {
      authorization: `Bearer ${this.token}`,
      "content-type": "application/octet-stream",
      "x-sha256": record.sha256,
      "x-kind": record.kind,
      "x-t-ms": String(record.t_ms),
      "x-d-ms": String(record.d_ms),
      "x-key": record.key ? "1" : "0",
    };
    if (record.codecs !== undefined) headers["x-codecs"] = record.codecs;
    const path = `${record.track}/${record.media_epoch}/${record.seq}`;
    return this.fetch(`${this.options.base_url}/live/v1/media/${path}`, {
      method: "PUT",
      headers,
      body: record.bytes,
      signal: AbortSignal.any([AbortSignal.timeout(REQUEST_TIMEOUT_MS), this.stopped.signal]),
    });
  }

  private async settle(record: SegmentRecord, reply: Response): Promise<Outcome> {
    if (reply.status === 200 || reply.status === 201) return this.stored(record, reply);
    await reply.body?.cancel(); // an unread body would hold the connection
    switch (reply.status) {
      case 401:
        this.token_refused = true;
        return "token";
      case 409:
        return this.giveUp(record, Cause.AlteredRepeat, "The server holds other bytes under this segment's number.");
      case 422:
        if ((await sha256Hex(record.bytes)) === record.sha256) return "again"; // damaged on the way
        return this.giveUp(record, Cause.DamagedLocally, "This segment was damaged in the browser's storage.");
      case 400:
      case 413:
        return this.giveUp(record, Cause.Refused, "The server refuses this segment for good.", reply.status);
      default:
        if (await this.lacksItsInit(record)) return this.stop(record, Cause.Refused);
        this.storage_full = reply.status === 507;
        this.failed();
        return "again";
    }
  }

  private async stored(record: SegmentRecord, reply: Response): Promise<Outcome> {
    await this.options.source.remove(keyOf(record));
    this.waiting.delete(keyOf(record).join("/"));
    this.storage_full = false;
    this.recovered();
    const body = (await reply.json().catch(() => null)) as PutReply | null; // the status alone is the promise
    if (typeof body?.load === "number") this.setLoad(body.load);
    const { track, media_epoch, seq } = record;
    const repeat = reply.status === 200;
    this.options.report({ type: "stored", track, media_epoch, seq, repeat, server_now: body?.server_now ?? "" });
    return "settled";
  }

  private async giveUp(record: SegmentRecord, cause: Cause, message: string, status = 0): Promise<Outcome> {
    await this.stop(record, cause);
    const { track, media_epoch, seq } = record;
    const fields = { track, media_epoch: String(media_epoch), seq: String(seq), status: String(status) };
    this.options.report({ type: "fault", error: new ClientError(cause, message, fields) });
    return "settled";
  }

  private async stop(meta: SegmentMeta, cause: Cause): Promise<Outcome> {
    await this.options.source.stop(keyOf(meta), cause);
    this.waiting.delete(keyOf(meta).join("/"));
    return "settled";
  }

  /** The server will never have the init of its epoch, so it says "not yet" to this one for ever. */
  private async lacksItsInit({ attempt, track, media_epoch, kind }: SegmentMeta): Promise<boolean> {
    if (kind === "init") return false;
    return (await this.options.source.load([attempt, track, media_epoch, INIT_SEQ]))?.stopped !== undefined;
  }

  private failed(): void {
    this.failing_since ??= this.mono();
  }

  private recovered(): void {
    const since = this.failing_since;
    const was_reached = this.reached;
    this.failing_since = null;
    this.reached = true;
    if (since === null || !was_reached || this.finishing) return;
    if (this.mono() - since >= OUTAGE_AFTER_MS) this.backlog_from = this.mono() + this.options.spread_ms();
  }

  /** A loaded server is given room: the backlog first, what is watched live only at the very end. */
  private async stretch(lane: Lane): Promise<void> {
    const wait_ms = lane === "backlog" ? this.load_0_10 * 200 : Math.max(0, this.load_0_10 - 7) * 300;
    if (wait_ms > 0) await pause(wait_ms, this.stopped.signal);
  }

  private admit(meta: SegmentMeta): void {
    this.waiting.set(keyOf(meta).join("/"), meta);
    this.newest_ms = Math.max(this.newest_ms, meta.t_ms);
  }

  private progress(): void {
    const failing = this.failing_since !== null;
    this.options.report({ type: "progress", backlog: this.backlog(), failing, storage_full: this.storage_full });
  }
}

/** Inits before everything, then the newest. */
function rank(meta: SegmentMeta): number {
  return meta.kind === "init" ? Number.MAX_SAFE_INTEGER : meta.t_ms;
}
