/**
 * The write-ahead store of the recording: every segment is here before it is sent, and leaves only after the server
 * answered that it is durable. Also keeps the numbering of media epochs, which must survive reloads and crashes.
 */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";

import type { Cause } from "../base/errors";
import type { Backlog, Gap, GapCause, ManifestReply, ManifestTrack, SegmentKind, Track } from "../base/wire";

export interface SegmentMeta {
  attempt: string;
  track: Track;
  media_epoch: number;
  seq: number;
  kind: SegmentKind;
  t_ms: number;
  d_ms: number;
  key: boolean;
  /** Only on init segments. */
  codecs?: string;
  sha256: string;
  size_bytes: number;
  /** Set when the server will never take it; it stays as evidence and is not sent again. */
  stopped?: Cause;
}

export interface SegmentRecord extends SegmentMeta {
  bytes: Uint8Array<ArrayBuffer>;
}

export type SegmentKey = [attempt: string, track: Track, media_epoch: number, seq: number];

export function keyOf(meta: Pick<SegmentMeta, "attempt" | "track" | "media_epoch" | "seq">): SegmentKey {
  return [meta.attempt, meta.track, meta.media_epoch, meta.seq];
}

function epochName(of: { attempt: string; track: Track; media_epoch: number }): string {
  return [of.attempt, of.track, of.media_epoch].join("/");
}

interface EpochRow {
  attempt: string;
  track: Track;
  media_epoch: number;
  /** -1 until the init segment is stored. */
  last_seq: number;
  end_ms: number;
  ended: boolean;
}

interface Schema extends DBSchema {
  metas: { key: SegmentKey; value: SegmentMeta; indexes: { attempt: string } };
  bytes: { key: SegmentKey; value: Uint8Array<ArrayBuffer> };
  epochs: { key: [string, Track, number]; value: EpochRow; indexes: { attempt: string } };
  gaps: { key: number; value: Gap & { attempt: string }; indexes: { attempt: string } };
}

/** Space left for answers, which are never dropped (product.md §8.9). */
export const RESERVED_BYTES = 50 * 2 ** 20;
/** What may wait in memory when the disk takes no more; beyond it the oldest fragment becomes a gap. */
export const OVERFLOW_BYTES = 32 * 2 ** 20;
const ESTIMATE_EVERY = 20;

export interface SegmentStoreOptions {
  name?: string;
  estimate?: () => Promise<StorageEstimate>;
  overflow_bytes?: number;
  /** Called once each time the store starts or stops refusing media. */
  onFull?: (full: boolean) => void;
}

export class SegmentStore {
  private readonly overflow = new Map<string, SegmentRecord>();
  /** Newest number and end per epoch as made by this page, whether or not the disk took them. */
  private readonly made = new Map<string, { last_seq: number; end_ms: number }>();
  private puts = 0;
  private full = false;

  private constructor(
    private readonly db: IDBPDatabase<Schema>,
    private readonly options: Required<SegmentStoreOptions>,
  ) {}

  static async open(options: SegmentStoreOptions = {}): Promise<SegmentStore> {
    const all: Required<SegmentStoreOptions> = {
      name: "examhall-segments",
      estimate: () => navigator.storage.estimate(),
      overflow_bytes: OVERFLOW_BYTES,
      onFull: () => undefined,
      ...options,
    };
    const db = await openDB<Schema>(all.name, 1, {
      upgrade(created) {
        const metas = created.createObjectStore("metas", { keyPath: ["attempt", "track", "media_epoch", "seq"] });
        metas.createIndex("attempt", "attempt");
        created.createObjectStore("bytes");
        const epochs = created.createObjectStore("epochs", { keyPath: ["attempt", "track", "media_epoch"] });
        epochs.createIndex("attempt", "attempt");
        created.createObjectStore("gaps", { autoIncrement: true }).createIndex("attempt", "attempt");
      },
    });
    return new SegmentStore(db, all);
  }

  close(): void {
    this.db.close();
  }

  /**
   * Takes a number no recorder of this attempt has used: above all stored ones and not below the server's.
   * One transaction, so two pages of one attempt never get the same.
   */
  async takeEpoch(attempt: string, track: Track, server_next: number): Promise<number> {
    const tx = this.db.transaction("epochs", "readwrite", { durability: "relaxed" });
    const newest = await tx.store.openCursor(
      IDBKeyRange.bound([attempt, track, -1], [attempt, track, Number.MAX_SAFE_INTEGER]),
      "prev",
    );
    const media_epoch = Math.max((newest?.value.media_epoch ?? -1) + 1, server_next);
    await tx.store.add({ attempt, track, media_epoch, last_seq: -1, end_ms: -1, ended: false });
    await tx.done;
    return media_epoch;
  }

  /** When the newest stored media of this track ends (ms since entered_at), or null when there is none. */
  async endOf(attempt: string, track: Track): Promise<number | null> {
    const rows = await this.epochsOf(attempt);
    const ends = rows.filter((row) => row.track === track && row.end_ms >= 0).map((row) => row.end_ms);
    return ends.length > 0 ? Math.max(...ends) : null;
  }

  async endEpoch(attempt: string, track: Track, media_epoch: number): Promise<void> {
    const tx = this.db.transaction("epochs", "readwrite", { durability: "relaxed" });
    const row = await tx.store.get([attempt, track, media_epoch]);
    if (row) await tx.store.put({ ...row, ended: true });
    await tx.done;
  }

  /** Stores one segment, on disk or (disk full) in memory. Never rejects for want of space. */
  async put(record: SegmentRecord): Promise<void> {
    this.note(record);
    if (this.puts++ % ESTIMATE_EVERY === 0) await this.watchQuota();
    if (this.full) return this.keepInMemory(record);
    try {
      await this.write(record);
    } catch {
      this.setFull(true); // no room, or storage taken away under us: either way memory is what is left
      await this.keepInMemory(record);
    }
  }

  /** Everything still to be sent, oldest first; stopped records are left out. */
  async pending(attempt: string): Promise<SegmentMeta[]> {
    const stored = await this.db.getAllFromIndex("metas", "attempt", attempt);
    const waiting = [...stored, ...this.inMemory(attempt)].filter((meta) => meta.stopped === undefined);
    return waiting.sort((a, b) => a.t_ms - b.t_ms || a.seq - b.seq);
  }

  async backlog(attempt: string): Promise<Backlog> {
    const waiting = await this.pending(attempt);
    return { segments: waiting.length, bytes: waiting.reduce((sum, meta) => sum + meta.size_bytes, 0) };
  }

  /** Attempts with anything left to send, so that a later visit can finish their upload. */
  async attempts(): Promise<string[]> {
    const waiting = (await this.db.getAll("metas")).filter((meta) => meta.stopped === undefined);
    return [...new Set(waiting.map((meta) => meta.attempt))];
  }

  async load(key: SegmentKey): Promise<SegmentRecord | undefined> {
    const kept = this.overflow.get(key.join("/"));
    if (kept) return kept;
    const tx = this.db.transaction(["metas", "bytes"]);
    const [meta, bytes] = await Promise.all([tx.objectStore("metas").get(key), tx.objectStore("bytes").get(key)]);
    return meta && bytes ? { ...meta, bytes } : undefined;
  }

  /** Call only after a 2xx of the server. */
  async remove(key: SegmentKey): Promise<void> {
    if (this.overflow.delete(key.join("/"))) return;
    const tx = this.db.transaction(["metas", "bytes"], "readwrite", { durability: "relaxed" });
    await Promise.all([tx.objectStore("metas").delete(key), tx.objectStore("bytes").delete(key), tx.done]);
  }

  /** Keeps the record but never offers it again. */
  async stop(key: SegmentKey, cause: Cause): Promise<void> {
    const kept = this.overflow.get(key.join("/"));
    if (kept) kept.stopped = cause;
    const tx = this.db.transaction("metas", "readwrite", { durability: "relaxed" });
    const meta = await tx.store.get(key);
    if (meta) await tx.store.put({ ...meta, stopped: cause });
    await tx.done;
  }

  async addGap(attempt: string, track: Track, from_ms: number, to_ms: number, cause: GapCause): Promise<void> {
    await this.db.add("gaps", { attempt, track, from_ms: Math.round(from_ms), to_ms: Math.round(to_ms), cause });
  }

  /** What the server should have: the highest number made per epoch, and the holes known here. */
  async manifest(attempt: string): Promise<{ tracks: ManifestTrack[]; gaps: Gap[] }> {
    const rows = await this.epochsOf(attempt);
    const tracks = rows
      .filter((row) => row.last_seq >= 0)
      .map(({ track, media_epoch, last_seq, ended }) => ({ track, media_epoch, last_seq, ended }));
    const gaps = await this.db.getAllFromIndex("gaps", "attempt", attempt);
    return { tracks, gaps: gaps.map(({ track, from_ms, to_ms, cause }) => ({ track, from_ms, to_ms, cause })) };
  }

  /** How much of what the server lacks is still to be sent from here, and how much never will be. */
  async account(attempt: string, missing: ManifestReply["missing"]): Promise<{ held: number; lost: number }> {
    const waiting = new Set((await this.pending(attempt)).map((meta) => keyOf(meta).join("/")));
    const keys = missing.flatMap(({ track, media_epoch, seqs }) => seqs.map((seq) => keyOf({ attempt, track, media_epoch, seq }).join("/")));
    const held = keys.filter((key) => waiting.has(key)).length;
    return { held, lost: keys.length - held };
  }

  private async write(record: SegmentRecord): Promise<void> {
    const { bytes, ...meta } = record;
    const tx = this.db.transaction(["metas", "bytes", "epochs"], "readwrite", { durability: "relaxed" });
    const epochs = tx.objectStore("epochs");
    const row = await epochs.get([record.attempt, record.track, record.media_epoch]);
    const made = this.made.get(epochName(record));
    const writes: Promise<unknown>[] = [
      tx.objectStore("metas").put(meta),
      tx.objectStore("bytes").put(bytes, keyOf(record)),
    ];
    if (row && made) writes.push(epochs.put({ ...row, ...made }));
    await Promise.all([...writes, tx.done]);
  }

  private note(record: SegmentRecord): void {
    const before = this.made.get(epochName(record)) ?? { last_seq: -1, end_ms: -1 };
    const end_ms = record.kind === "init" ? -1 : record.t_ms + record.d_ms;
    this.made.set(epochName(record), {
      last_seq: Math.max(before.last_seq, record.seq),
      end_ms: Math.max(before.end_ms, end_ms),
    });
  }

  private async epochsOf(attempt: string): Promise<EpochRow[]> {
    const rows = await this.db.getAllFromIndex("epochs", "attempt", attempt);
    return rows.map((row) => ({ ...row, ...this.made.get(epochName(row)) }));
  }

  private async watchQuota(): Promise<void> {
    const { usage = 0, quota = 0 } = await this.options.estimate();
    if (quota > 0) this.setFull(quota - usage < Math.min(RESERVED_BYTES, quota / 4));
  }

  private setFull(full: boolean): void {
    if (full === this.full) return;
    this.full = full;
    if (full) this.puts = 1; // look again after ESTIMATE_EVERY puts, not at the next one
    this.options.onFull(full);
  }

  private async keepInMemory(record: SegmentRecord): Promise<void> {
    this.overflow.set(keyOf(record).join("/"), record);
    let bytes = [...this.overflow.values()].reduce((sum, kept) => sum + kept.size_bytes, 0);
    for (const [name, kept] of this.overflow) {
      if (bytes <= this.options.overflow_bytes) break;
      if (kept.kind === "init") continue; // without it the fragments behind it are worthless
      this.overflow.delete(name);
      bytes -= kept.size_bytes;
      await this.addGap(kept.attempt, kept.track, kept.t_ms, kept.t_ms + kept.d_ms, "storage_full");
    }
  }

  private inMemory(attempt: string): SegmentMeta[] {
    return [...this.overflow.values()]
      .filter((record) => record.attempt === attempt)
      .map(({ bytes: _bytes, ...meta }) => meta);
  }
}

export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
