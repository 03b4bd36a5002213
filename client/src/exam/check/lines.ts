/** One line of the system check each: what is measured, what it means, and how it is mended. */

import { anchorFrom, monotonicMs } from "../../base/clock";
import { Cause, ClientError } from "../../base/errors";
import { hasSecondDisplay } from "../../capture/devices";
import { missingForRecording } from "../../capture/pipeline";
import { pictureOf } from "../dark-hint";
import { DoorError, type PageDoor } from "../door";
import type { LineName, StartFacts } from "../facts";
import type { Media } from "../media";

export type LineResult = "running" | "waiting" | "pass" | "warn" | "fail";

export interface LineState {
  line: LineName;
  result: LineResult;
  text: string;
  fix: string[];
  measured: string;
  needed: string;
}

export const LINE_WORDS: Record<LineName, string> = {
  browser: "Browser",
  camera: "Camera",
  microphone: "Microphone",
  screen: "Screen sharing",
  one_display: "Second screen",
  full_screen: "Full screen",
  connection: "Internet",
  storage: "Space on this computer",
  clock: "Clock",
};

/** product.md §4.1 C3: each line times out with its cause. */
export const LINE_TIMEOUT_MS = 20_000;
const PROBE_BYTES = 256 * 1024;
const CLOCK_WARN_S = 120;
const DARK = 24; // mean of 0 to 255

type Outcome = Omit<LineState, "line">;

export function outcome(result: LineResult, text: string, more: Partial<Outcome> = {}): Outcome {
  return { result, text, fix: [], measured: "", needed: "", ...more };
}

export type System = "Windows" | "Mac" | "ChromeOS" | "Linux";

export function systemOf(agent: string): System {
  if (/Windows/.test(agent)) return "Windows";
  if (/CrOS/.test(agent)) return "ChromeOS";
  return /Mac OS X|Macintosh/.test(agent) ? "Mac" : "Linux";
}

export function browserOf(agent: string): string {
  const found = /(Edg|Firefox|Chrome|Chromium|Version)\/(\d+)/.exec(agent.replace(/Chrome(?=.*Edg\/)/, ""));
  const names: Record<string, string> = { Edg: "Edge", Version: "Safari" };
  return found ? `${names[found[1] ?? ""] ?? found[1]} ${found[2]}` : "This browser";
}

export function checkBrowser(needs_recording: boolean): Outcome {
  const agent = navigator.userAgent;
  const named = `${browserOf(agent)} on ${systemOf(agent)}`;
  const missing = needs_recording ? missingForRecording() : [];
  if (missing.length === 0) return outcome("pass", `${named}. All that this exam needs is there.`, { measured: named });
  return outcome("fail", `${named} cannot record this exam.`, {
    measured: missing.join(", ").slice(0, 200),
    needed: "Chrome, Edge or Chromium 123 or newer",
    fix: ["Install the newest Chrome or Edge.", "Open this page there and sign in again."],
  });
}

export function checkDisplay(system: System): Outcome {
  const extended = hasSecondDisplay();
  if (extended === null) return outcome("warn", "This browser does not tell how many screens there are.");
  if (!extended) return outcome("pass", "One screen.", { measured: "1", needed: "1" });
  const keys: Record<System, string> = {
    Windows: "Press Windows + P and choose PC screen only.",
    Mac: "Open System Settings, Displays, and unplug the second display.",
    ChromeOS: "Open Settings, Displays, and turn off the second display.",
    Linux: "Open Settings, Displays, and turn off the second display.",
  };
  return outcome("fail", "Your computer reports two screens. This exam is taken on one.", {
    measured: "2 or more",
    needed: "1",
    fix: ["Unplug the cable of the second screen, or turn the screen off.", keys[system], "Choose Check again."],
  });
}

export function checkFullScreen(): Outcome {
  if (document.fullscreenEnabled) return outcome("pass", "Works in this browser.");
  return outcome("fail", "Full screen is not allowed here.", {
    fix: ["Open this page in its own browser tab, not inside another page.", "Choose Check again."],
  });
}

export async function checkStorage(needed_mb: number): Promise<Outcome> {
  await navigator.storage.persist().catch(() => false);
  const { quota = 0, usage = 0 } = await navigator.storage.estimate();
  const free_mb = Math.floor((quota - usage) / 2 ** 20);
  const measured = free_mb >= 1024 ? `${(free_mb / 1024).toFixed(1)} GB` : `${free_mb} MB`;
  const needed = `${needed_mb} MB`;
  if (free_mb >= needed_mb) {
    const text = `${measured} free to keep your answers and recording safe if the connection drops.`;
    return outcome("pass", text, { measured, needed });
  }
  return outcome("fail", `${measured} free; this exam needs ${needed}.`, {
    measured,
    needed,
    fix: ["Close private windows: they may store very little.", "Delete what you do not need, then choose Check again."],
  });
}

export interface Reach {
  connection: Outcome;
  clock: Outcome;
}

/** Both from one exchange: how fast bytes go up, and how far the computer's clock is off. */
export async function checkConnection(pages: PageDoor, url: string, needed_kbit_s: number): Promise<Reach> {
  const bytes = new Uint8Array(PROBE_BYTES);
  for (let at = 0; at < bytes.length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  try {
    await pages.probe(url, bytes.subarray(0, 1)); // opens the connection, so that its setting up is not measured
    const { took_ms, server_now } = await pages.probe(url, bytes);
    return { connection: speed((PROBE_BYTES * 8) / took_ms, needed_kbit_s), clock: clockLine(server_now) };
  } catch (error) {
    if (!(error instanceof DoorError)) throw error;
    const fix = ["Check that you are online.", "Move closer to the router, or plug in a cable.", "Choose Check again."];
    return {
      connection: outcome("fail", "The exam server cannot be reached.", { measured: "unreachable", fix }),
      clock: outcome("warn", "The exam time could not be asked for."),
    };
  }
}

function speed(kbit_s: number, needed_kbit_s: number): Outcome {
  const said = (value: number): string => `${(value / 1000).toFixed(1)} Mbit/s`;
  const [measured, needed] = [said(kbit_s), said(needed_kbit_s)];
  const text = `${measured} upload; this exam needs ${needed}.`;
  if (kbit_s >= needed_kbit_s) return outcome("pass", text, { measured, needed });
  const fix = ["Move closer to the router, or plug in a cable.", "Stop other uploads and video calls.", "Choose Check again."];
  return outcome("fail", text, { measured, needed, fix });
}

function clockLine(server_now: string): Outcome {
  const off_s = (Date.now() - anchorFrom(server_now, monotonicMs()).server_ms) / 1000;
  const measured = `${Math.abs(off_s).toFixed(1)} s`;
  if (Math.abs(off_s) <= CLOCK_WARN_S) return outcome("pass", `${measured.replace(" s", " seconds")} from exam time.`, { measured });
  return outcome("warn", "Your computer's clock is wrong. The exam uses its own time, so you can go on.", { measured });
}

/** Words and steps for a device that could not be opened. */
export function deviceTrouble(error: unknown, system: System): Outcome {
  if (!(error instanceof ClientError)) return outcome("fail", "This did not work. Choose Check again.", { measured: String(error).slice(0, 200) });
  return outcome("fail", error.message, { measured: error.cause_code, fix: [...(FIXES[error.cause_code]?.(system) ?? []), "Choose Check again."] });
}

const SETTINGS: Record<System, string> = {
  Windows: "Windows: open Settings, Privacy and security, Camera and Microphone, and allow your browser.",
  Mac: "Mac: open System Settings, Privacy and Security, Camera, Microphone and Screen Recording, and allow your browser.",
  ChromeOS: "ChromeOS: open Settings, Privacy controls, and allow the camera and microphone.",
  Linux: "Linux: see that no other program holds the camera and that your user may use it.",
};

const FIXES: Partial<Record<Cause, (system: System) => string[]>> = {
  [Cause.PermissionRefused]: (system) => [
    "Choose the icon at the start of the address bar and allow camera and microphone for this page.",
    SETTINGS[system],
  ],
  [Cause.DeviceMissing]: () => ["Plug the device in, or switch it on.", "Choose it in the list beside the picture."],
  [Cause.DeviceBusy]: () => ["Close other programs that use the camera, such as a video call."],
  [Cause.WindowShared]: () => ["In the question of the browser choose Entire screen, then Share."],
  [Cause.SurfaceUnknown]: () => ["Open this page in Chrome, Edge or Chromium."],
  [Cause.ShareRefused]: (system) => ["In the question of the browser choose Entire screen, then Share.", ...(system === "Mac" ? [SETTINGS.Mac] : [])],
};

export async function checkCamera(media: Media, video: () => HTMLVideoElement | null): Promise<Outcome> {
  const track = media.camera?.getVideoTracks()[0];
  if (!track) return outcome("fail", "No camera is open.", { fix: ["Choose Check again."] });
  const { width = 0, height = 0 } = track.getSettings();
  const size = `${width} × ${height}`;
  const brightness = await meanBrightness(video);
  const measured = `${width}x${height}`;
  if (brightness !== null && brightness < DARK) {
    const text = "The picture is very dark. You can go on, but a lamp in front of you would help.";
    return outcome("warn", text, { measured });
  }
  return outcome("pass", `${track.label || "Camera"}. Clear picture, ${size}.`, { measured });
}

async function meanBrightness(video: () => HTMLVideoElement | null): Promise<number | null> {
  for (let tries = 0; tries < 30; tries += 1) {
    const picture = pictureOf(video());
    if (picture) return picture.luma;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return null;
}

export function report(states: readonly LineState[]): { lines: { line: LineName; result: string; measured: string; needed: string }[] } {
  const lines = states.map(({ line, result, measured, needed }) => ({
    line,
    result: result === "pass" || result === "warn" ? result : "fail",
    measured: measured.slice(0, 200),
    needed: needed.slice(0, 200),
  }));
  return { lines };
}

export function linesFor(facts: StartFacts): LineState[] {
  return facts.lines.map((line) => ({ line, ...outcome("running", "Being checked.") }));
}
