/** Entry point of the one module worker that records: opens the store, then lets messages reach the session. */

import { SegmentStore } from "../buffer/segments";
import { Cause } from "../base/errors";
import type { BeginMessage, FromWorker, ToWorker } from "./messages";
import { RecordingSession } from "./session";

interface WorkerScope {
  postMessage(message: FromWorker): void;
  addEventListener(type: "message", listener: (event: MessageEvent<ToWorker>) => void): void;
  addEventListener(type: "online", listener: () => void): void;
  close(): void;
}

const scope = self as unknown as WorkerScope;
const tell = (message: FromWorker): void => scope.postMessage(message);

let session: RecordingSession | null = null;
let work: Promise<void> = Promise.resolve();

async function begin(message: BeginMessage): Promise<void> {
  const store = await SegmentStore.open({ onFull: (full) => tell({ type: "buffer_full", full }) });
  session = new RecordingSession(message, store, tell);
  tell({ type: "ready" });
}

async function obey(message: ToWorker): Promise<void> {
  switch (message.type) {
    case "begin":
      return begin(message);
    case "record":
      return session?.record(message);
    case "stop":
      return session?.stop(message.track);
    case "manifest":
      return session?.manifest(message.ask);
    case "close":
      await session?.close();
      return scope.close();
    case "token":
      return session?.setToken(message.token);
    case "heard":
      return session?.learn(message.anchor, message.load);
    case "rouse":
      return session?.rouse();
    case "finish":
      return session?.finish();
  }
}

function failed(error: unknown): void {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  tell({
    type: "fault",
    cause: Cause.StorageUnavailable,
    message: "The recording cannot use this browser's storage.",
    fields: { error: text.slice(0, 500) },
  });
}

/** What must keep its order waits in line; a token or a sign of life must not wait behind a flush. */
const AT_ONCE = new Set<ToWorker["type"]>(["token", "heard", "rouse", "manifest"]);

scope.addEventListener("message", ({ data }) => {
  if (session && AT_ONCE.has(data.type)) {
    obey(data).catch(failed);
    return;
  }
  work = work.then(() => obey(data)).catch(failed);
});
scope.addEventListener("online", () => session?.rouse());
