/** The page of tests/browser/test_capture_pipeline.py: the real pipeline with buttons for a hand on the test's keyboard. */

import { anchorFrom } from "../../src/base/clock";
import { ClientError } from "../../src/base/errors";
import type { Track } from "../../src/base/wire";
import { openCamera, openScreen } from "../../src/capture/devices";
import { type PipelineEvents, RecordingPipeline } from "../../src/capture/pipeline";

interface Bench {
  kept: PipelineEvents["kept"][];
  stored: PipelineEvents["stored"][];
  faults: PipelineEvents["fault"][];
  ended: Track[];
  backlog: number;
  level: number;
  source_fps: Partial<Record<Track, number>>;
  tokens_asked: number;
  camera: MediaStream | null;
  pipeline: RecordingPipeline | null;
  start(with_screen: boolean, only_codecs?: string[]): Promise<void>;
  recordCanvas(): void;
  resizeCanvas(): void;
  shareTab(): Promise<string>;
}

const query = new URLSearchParams(location.search);
const canvas = document.createElement("canvas");

const bench: Bench = {
  kept: [],
  stored: [],
  faults: [],
  ended: [],
  backlog: 0,
  level: 0,
  source_fps: {},
  tokens_asked: 0,
  camera: null,
  pipeline: null,

  async start(with_screen, only_codecs) {
    const reply = await fetch(`/connect/${query.get("attempt")}`, { method: "POST" });
    const connect = await reply.json();
    const pipeline = new RecordingPipeline("/build/src/capture/worker.js", {
      attempt: connect.attempt,
      base_url: location.origin,
      token: connect.token,
      entered_at: connect.entered_at,
      anchor: anchorFrom(connect.server_now),
      next_media_epoch: connect.next_media_epoch,
      spread_ms: 0,
      ...(only_codecs ? { only_codecs } : {}),
    });
    bench.pipeline = pipeline;
    pipeline.on("kept", (kept) => bench.kept.push(kept));
    pipeline.on("stored", (stored) => bench.stored.push(stored));
    pipeline.on("fault", (fault) => bench.faults.push(fault));
    pipeline.on("ended", ({ track }) => bench.ended.push(track));
    pipeline.on("progress", ({ backlog }) => (bench.backlog = backlog.segments));
    pipeline.on("health", ({ source_fps, level }) => {
      bench.source_fps = source_fps;
      bench.level = Math.max(bench.level, level ?? 0);
    });
    pipeline.on("token_needed", async () => {
      bench.tokens_asked += 1;
      const renewed = await (await fetch(`/connect/${query.get("attempt")}`, { method: "POST" })).json();
      pipeline.setToken(renewed.token);
    });
    bench.camera = await openCamera({ sound: true });
    pipeline.record("webcam", bench.camera);
    if (with_screen) pipeline.record("screen", await openScreen());
  },

  recordCanvas() {
    const context = canvas.getContext("2d");
    canvas.width = 640;
    canvas.height = 360;
    setInterval(() => {
      if (!context) return;
      context.fillStyle = `hsl(${Math.round(performance.now() / 20) % 360} 80% 50%)`;
      context.fillRect(0, 0, canvas.width, canvas.height);
    }, 100);
    bench.pipeline?.record("screen", canvas.captureStream(10));
  },

  resizeCanvas() {
    canvas.width = 801; // odd on purpose
    canvas.height = 451;
  },

  async shareTab() {
    try {
      await openScreen({ preferCurrentTab: true, selfBrowserSurface: "include" } as never);
      return "accepted";
    } catch (error) {
      return error instanceof ClientError ? `${error.cause_code} ${error.fields["surface"] ?? ""}` : String(error);
    }
  },
};

(globalThis as unknown as { bench: Bench }).bench = bench;
