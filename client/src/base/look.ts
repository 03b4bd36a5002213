// What every page's script needs of the look: icons, state words, the sprite's address. The words come from the server's
// tables (look-words.json is written by tools/look_words.py and checked against them).
import words from "./look-words.json";

export interface Sign {
  icon: string;
  word: string;
  tone: "ok" | "attention" | "incident" | "paused" | "offline" | "stopped" | "neutral";
}
export interface Family {
  icon: string;
  word: string;
  css: string;
}

export const incidentSigns = words.incident as Record<string, Sign>;
export const families = words.family as Record<string, Family>;

const SVG = "http://www.w3.org/2000/svg";

function meta(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
}

export const spriteAddress = (): string => meta("examhall-icons");
export const csrfToken = (): string => meta("csrf-token");

// An icon of the sprite. Hidden from screen readers unless `label` names what it says by itself.
export function icon(name: string, label = "", classes = ""): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `i ${classes}`.trim());
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else {
    svg.setAttribute("aria-hidden", "true");
  }
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${spriteAddress()}#${name}`);
  svg.append(use);
  return svg;
}

const two = (n: number): string => String(n).padStart(2, "0");

// "57:09" or "1:38:45"; never below zero.
export function countdown(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

// "10:42:51" of a moment, `offsetMin` minutes east of UTC.
export function clock(at: Date, offsetMin = -at.getTimezoneOffset()): string {
  const local = new Date(at.getTime() + offsetMin * 60_000);
  return `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}`;
}
