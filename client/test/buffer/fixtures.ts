import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";

import { type SegmentMeta, type SegmentRecord, sha256Hex } from "../../src/buffer/segments";

/** An empty disk. */
export function freshDisk(): void {
  globalThis.indexedDB = new IDBFactory();
}

export const ATTEMPT = "0193-attempt";

export async function segment(seq: number, overrides: Partial<SegmentMeta> = {}, size = 64): Promise<SegmentRecord> {
  const kind = seq === 0 ? "init" : "fragment";
  const bytes = new Uint8Array(size).fill(seq % 256);
  return {
    attempt: ATTEMPT,
    track: "webcam",
    media_epoch: 0,
    seq,
    kind,
    t_ms: Math.max(0, seq - 1) * 1000,
    d_ms: kind === "init" ? 0 : 1000,
    key: true,
    ...(kind === "init" ? { codecs: "avc1.42E01E,opus" } : {}),
    sha256: await sha256Hex(bytes),
    size_bytes: size,
    bytes,
    ...overrides,
  };
}
