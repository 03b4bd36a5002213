// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Accounted, FromWorker, ToWorker } from "../../src/capture/messages";
import { Media, type StorageTrouble } from "../../src/exam/media";
import { OUTAGE_AFTER_MS } from "../../src/upload/uploader";
import { connected } from "./site";

/** The recording worker's side of the conversation, without devices. */
class FakeWorker extends EventTarget {
  static current: FakeWorker;
  readonly heard: ToWorker["type"][] = [];
  accounts: (Accounted | null)[] = [];

  constructor() {
    super();
    FakeWorker.current = this;
  }

  postMessage(message: ToWorker): void {
    this.heard.push(message.type);
    if (message.type === "manifest") this.say({ type: "manifest", ask: message.ask, reply: this.accounts.shift() ?? null });
  }

  say(message: FromWorker): void {
    this.dispatchEvent(new MessageEvent("message", { data: message }));
  }

  progress(segments: number, failing = false, storage_full = false): void {
    this.say({ type: "progress", backlog: { segments, bytes: segments * 1000 }, failing, storage_full });
  }
}

describe("the recording, as the page sees it", () => {
  let media: Media;
  let worker: FakeWorker;
  let troubles: (StorageTrouble | null)[];

  beforeEach(() => {
    vi.useFakeTimers();
    for (const name of ["MediaStreamTrackProcessor", "VideoEncoder", "AudioEncoder", "indexedDB"]) vi.stubGlobal(name, {});
    vi.stubGlobal("isSecureContext", true);
    vi.stubGlobal("Worker", FakeWorker);
    troubles = [];
    const ignore = (): void => undefined;
    media = new Media({
      worker_url: "/worker.js",
      required: [],
      sound: false,
      onChange: ignore,
      onLost: ignore,
      onTokenNeeded: ignore,
      onFault: ignore,
      onTrouble: (trouble) => troubles.push(trouble),
    });
    media.begin("attempt", connected(1), { server_ms: 0, mono_ms: 0 });
    worker = FakeWorker.current;
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it("is finished when all that is still here has gone up, and says how much never will", async () => {
    worker.accounts = [null, { held: 1, lost: 3 }, null, { held: 0, lost: 3 }];
    const finished = media.finish(() => undefined);
    await vi.advanceTimersByTimeAsync(5_000);
    await expect(finished).resolves.toBe(3);
    expect(worker.heard).toEqual(["begin", "finish", "manifest", "manifest", "manifest", "manifest", "close"]);
  });

  it("is not finished while anything waits here", async () => {
    worker.progress(2);
    worker.accounts = [null, { held: 0, lost: 0 }];
    let finished = false;
    void media.finish(() => undefined).then(() => (finished = true));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(finished).toBe(false);
    worker.progress(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(finished).toBe(true);
  });

  it("tells once that this computer's storage is full, and once that it no longer is", () => {
    worker.say({ type: "buffer_full", full: true });
    worker.progress(1);
    worker.progress(2);
    worker.say({ type: "buffer_full", full: false });
    expect(troubles).toEqual(["device_full", null]);
  });

  it("tells when the server has no room, and when nothing gets through for a while", async () => {
    worker.progress(1, true, true);
    worker.progress(1, true);
    expect(troubles).toEqual(["server_full", null]);
    await vi.advanceTimersByTimeAsync(OUTAGE_AFTER_MS);
    worker.progress(2, true);
    expect(media.trouble).toBe("not_sent");
    worker.progress(0);
    expect(media.trouble).toBeNull();
  });
});
