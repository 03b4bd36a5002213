/** The page of bench/live.py: paints a clock, records it like a camera, watches it like an invigilator, reads it back. */

import { anchorFrom } from "../../src/base/clock";
import { RecordingPipeline } from "../../src/capture/pipeline";
import { DeskSocket } from "../../src/live/desk-socket";
import { MsePlayer } from "../../src/live/mse-player";

interface Given {
  attempt: string;
  token: string;
  viewer_token: string;
  entered_at: string;
  server_now: string;
  worker_url: string;
}

const COLUMNS = 8;
const ROWS = 6;
/** 32 bits of the time in ms, then 16 bits that prove it was read well. */
const TIME_BITS = 32;
const BLOCK_PX = 80;

function proof(time: number): number {
  return ((time >>> 16) ^ time ^ 0x5a5a) & 0xffff;
}

function bit(time: number, at: number): boolean {
  return at < TIME_BITS ? ((time >>> at) & 1) === 1 : ((proof(time) >>> (at - TIME_BITS)) & 1) === 1;
}

function paint(context: CanvasRenderingContext2D): void {
  const time = Date.now() >>> 0;
  for (let at = 0; at < COLUMNS * ROWS; at += 1) {
    context.fillStyle = bit(time, at) ? "#fff" : "#000";
    context.fillRect((at % COLUMNS) * BLOCK_PX, Math.floor(at / COLUMNS) * BLOCK_PX, BLOCK_PX, BLOCK_PX);
  }
}

/** The time painted into a picture; null when a block was not read well. */
function read(video: HTMLVideoElement, context: CanvasRenderingContext2D): number | null {
  context.drawImage(video, 0, 0, COLUMNS * BLOCK_PX, ROWS * BLOCK_PX);
  let time = 0;
  let check = 0;
  for (let at = 0; at < COLUMNS * ROWS; at += 1) {
    const x = (at % COLUMNS) * BLOCK_PX + BLOCK_PX / 2;
    const y = Math.floor(at / COLUMNS) * BLOCK_PX + BLOCK_PX / 2;
    const light = context.getImageData(x, y, 1, 1).data[1] ?? 0;
    if (light < 128) continue;
    if (at < TIME_BITS) time += 2 ** at;
    else check += 2 ** (at - TIME_BITS);
  }
  return check === proof(time >>> 0) ? time >>> 0 : null;
}

function plane(): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = document.createElement("canvas");
  canvas.width = COLUMNS * BLOCK_PX;
  canvas.height = ROWS * BLOCK_PX;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("This browser has no canvas.");
  return [canvas, context];
}

const bench = {
  faults: [] as string[],
  /** Age of each picture shown, ms. */
  latencies: [] as number[],
  unread: 0,

  begin(given: Given) {
    const [canvas, context] = plane();
    paint(context);
    setInterval(() => paint(context), 1000 / 15);
    const pipeline = new RecordingPipeline(given.worker_url, {
      attempt: given.attempt,
      base_url: location.origin,
      token: given.token,
      entered_at: given.entered_at,
      anchor: anchorFrom(given.server_now),
      next_media_epoch: { webcam: 1, screen: 1 },
      spread_ms: 0,
    });
    pipeline.on("fault", (fault) => bench.faults.push(fault.message));
    pipeline.record("webcam", canvas.captureStream(15));
    bench.watch(given);
  },

  watch(given: Given) {
    const video = document.getElementById("webcam") as HTMLVideoElement;
    const player = new MsePlayer(video, (error) => bench.faults.push(error.message));
    const desk = new DeskSocket({
      url: `ws://${location.host}/live/v1/desk`,
      token: async () => given.viewer_token,
      events: {
        entries: () => undefined,
        changed: () => undefined,
        thumb: () => undefined,
        connected: () => undefined,
        media: (header, bytes) => player.push(header, bytes),
        fault: (error) => bench.faults.push(error.message),
      },
    });
    desk.watch([{ attempt: given.attempt, track: "webcam" }]);
    desk.run().catch((error: unknown) => bench.faults.push(String(error)));
    const [, context] = plane();
    const shown = (): void => {
      const painted = read(video, context);
      if (painted === null) bench.unread += 1;
      else bench.latencies.push((Date.now() >>> 0) - painted);
      video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback(shown);
  },
};

(globalThis as unknown as { bench: typeof bench }).bench = bench;
