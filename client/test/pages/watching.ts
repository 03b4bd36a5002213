/** The page of tests/browser/test_live_and_replay.py: the live player and the session player on plain videos. */

import { DeskSocket } from "../../src/live/desk-socket";
import { MsePlayer } from "../../src/live/mse-player";
import { SessionPlayer } from "../../src/replay/session-player";
import type { Gap, Track } from "../../src/base/wire";

function video(track: Track): HTMLVideoElement {
  return document.getElementById(track) as HTMLVideoElement;
}

const attempt = new URLSearchParams(location.search).get("attempt") ?? "";

const bench = {
  faults: [] as string[],
  holes: [] as [Track, string | null][],
  skipped: [] as string[],
  /** [position, webcam, screen, webcam paused] at each step of the replay, ms. */
  steps: [] as [number, number, number, boolean][],
  live: null as MsePlayer | null,
  player: null as SessionPlayer | null,

  watch() {
    const player = new MsePlayer(video("webcam"), (error) => bench.faults.push(error.message));
    bench.live = player;
    const desk = new DeskSocket({
      url: `ws://${location.host}/live/v1/desk`,
      token: async () => "viewer",
      events: {
        entries: () => undefined,
        changed: () => undefined,
        thumb: () => undefined,
        connected: () => undefined,
        media: (header, bytes) => player.push(header, bytes),
        fault: (error) => bench.faults.push(error.message),
      },
    });
    desk.watch([{ attempt, track: "webcam" }]);
    desk.run().catch((error: unknown) => bench.faults.push(String(error)));
  },

  replay(gaps: Gap[]) {
    const side = (track: Track) => ({ track, video: video(track), playlist_url: `/replay/${attempt}/${track}.m3u8` });
    bench.player = new SessionPlayer([side("webcam"), side("screen")], gaps, 0, {
      time: (t_ms) => {
        const [webcam, screen] = [video("webcam"), video("screen")];
        bench.steps.push([t_ms, webcam.currentTime * 1000, screen.currentTime * 1000, webcam.paused]);
      },
      hole: (track, hole) => bench.holes.push([track, hole?.cause ?? null]),
      skipped: (hole) => bench.skipped.push(hole.cause),
      fault: (error) => bench.faults.push(`${error.message} ${JSON.stringify(error.fields)}`),
    });
  },
};

(globalThis as unknown as { bench: typeof bench }).bench = bench;
