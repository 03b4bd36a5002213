/** What the browser reports, as entries of the candidate log. Values in, value out: no listener here. */

import type { EntryOut } from "../base/wire";

export type Signal = Pick<EntryOut, "kind" | "extra">;

export interface Keys {
  key: string;
  /** The key by its place; with Alt on a Mac `key` is another letter. */
  code?: string;
  ctrl: boolean;
  alt: boolean;
  shift: boolean;
  meta: boolean;
}

const LETTERS: Record<string, string> = {
  c: "copy",
  x: "cut",
  v: "paste",
  p: "print",
  t: "new_tab",
  n: "new_window",
  w: "close_tab",
  f: "find",
  s: "save_page",
  u: "view_source",
  a: "",
};
const SHIFTED: Record<string, string> = { i: "inspector", j: "inspector", c: "inspector", n: "private_window", t: "reopen_tab" };
const ALONE: Record<string, string> = { F12: "inspector", PrintScreen: "screenshot", F5: "", F11: "full_screen_key" };

const MAC_INSPECTOR = new Set(["KeyI", "KeyJ", "KeyC"]);

/** The listed combination a key press is, or null. Ordinary typing is never looked at, let alone kept. */
export function keyCombo(keys: Keys): Signal | null {
  const does = meaning(keys);
  if (!does) return null;
  return { kind: "key_combo", extra: { keys: written(keys), does } };
}

function meaning(keys: Keys): string {
  if (ALONE[keys.key]) return ALONE[keys.key] ?? "";
  if (keys.alt && keys.key === "Tab") return "switch_window";
  if (keys.meta && keys.alt && MAC_INSPECTOR.has(keys.code ?? "")) return "inspector";
  if (!keys.ctrl && !keys.meta) return "";
  const letter = keys.key.toLowerCase();
  if (keys.key === "Tab") return "switch_tab";
  return (keys.shift ? SHIFTED[letter] : LETTERS[letter]) ?? "";
}

function written(keys: Keys): string {
  const parts = [keys.ctrl && "Ctrl", keys.meta && "Meta", keys.alt && "Alt", keys.shift && "Shift"].filter(Boolean);
  if (keys.alt && keys.code?.startsWith("Key")) return [...parts, keys.code.slice(3)].join("+");
  return [...parts, keys.key.length === 1 ? keys.key.toUpperCase() : keys.key].join("+");
}

/** a key that opens the browser's developer tools, where the policy disables them. */
export function inspectorKeys(combo: Signal): Signal {
  return { kind: "inspector_detected", extra: { keys: combo.extra?.keys ?? "", source: "keys" } };
}

export type ClipboardAct = "copy" | "cut" | "paste";

/** Tells how much, never what. `outside`: pasted, and not copied in this exam. `blocked`: the policy did not let it happen. */
export function clipboard(act: ClipboardAct, text: string, copied_here: string | null, blocked: boolean): Signal {
  const outside = act === "paste" && !sameText(text, copied_here);
  return { kind: "clipboard_used", extra: { act, chars: text.length, outside, blocked } };
}

/** The clipboard changes line ends and the space between blocks. */
function sameText(a: string, b: string | null): boolean {
  const words = (text: string): string => text.replace(/\s+/g, " ").trim();
  return b !== null && words(a) === words(b);
}

/** `internal` lets text of this exam be pasted again; text from outside is refused. */
export function clipboardBlocked(
  rule: "allowed" | "internal" | "disabled",
  act: ClipboardAct,
  text: string,
  copied_here: string | null,
): boolean {
  if (rule === "allowed") return false;
  if (rule === "disabled") return true;
  return act === "paste" && !sameText(text, copied_here);
}

export interface WindowSize {
  inner_width: number;
  inner_height: number;
  outer_width: number;
  outer_height: number;
  /** Screen pixels per CSS pixel: the screen's own scale times the zoom of the page. */
  pixel_ratio: number;
}

/** Smaller changes come from scroll bars and address bars. */
const RESIZE_PX = 40;

/** Of a page, in CSS pixels and in the screen's own. */
export interface Area {
  css: number;
  device: number;
}

export function area(size: WindowSize): Area {
  const css = size.inner_width * size.inner_height;
  return { css, device: css * size.pixel_ratio ** 2 };
}

export function largest(a: Area, b: Area): Area {
  return { css: Math.max(a.css, b.css), device: Math.max(a.device, b.device) };
}

/** Narrower is a scroll bar, a find bar or a list of downloads. */
const TOOLS_PX = 160;

/**
 * Developer tools that open inside the window take room from the page and leave the window as it is. A side panel of the
 * browser looks the same, so people are told that it is possible, no more.
 */
export function inspector(before: WindowSize, after: WindowSize): Signal | null {
  const scaled = before.pixel_ratio !== after.pixel_ratio;
  const same = before.outer_width === after.outer_width && before.outer_height === after.outer_height && !scaled;
  const lost_px = Math.max(before.inner_width - after.inner_width, before.inner_height - after.inner_height);
  return same && lost_px >= TOOLS_PX ? { kind: "inspector_detected", extra: { source: "window", tier: "T0", lost_px } } : null;
}

/**
 * Null too where only the pixels' size changed: the page was zoomed, or the window moved to another screen.
 * `most`: the largest area seen; `share` is what is left of it, 0 to 1.
 */
export function resize(before: WindowSize, after: WindowSize, most: Area): Signal | null {
  const outer_px = Math.max(
    Math.abs(after.outer_width - before.outer_width),
    Math.abs(after.outer_height - before.outer_height),
  );
  const inner_px = Math.max(
    Math.abs(after.inner_width - before.inner_width),
    Math.abs(after.inner_height - before.inner_height),
  );
  if (Math.max(outer_px, inner_px) < RESIZE_PX) return null;
  if (outer_px < RESIZE_PX && after.pixel_ratio !== before.pixel_ratio) return null;
  return { kind: "resize", extra: { from: writtenSize(before), to: writtenSize(after), share: shareLeft(most, after) } };
}

function writtenSize(size: WindowSize): string {
  return `${size.inner_width}x${size.inner_height}`;
}

/** Of the two readings the one that says less against the candidate. */
function shareLeft(most: Area, size: WindowSize): number {
  const { css, device } = area(size);
  const left = Math.max(css / Math.max(1, most.css), device / Math.max(1, most.device));
  return Math.round(left * 100) / 100;
}

export function display(before: boolean | null, after: boolean | null): Signal | null {
  if (after === null || before === after) return null;
  if (after) return { kind: "display_added", extra: { extended: true } };
  return before === null ? null : { kind: "display_removed", extra: { extended: false } };
}

/** Going and coming back, with how long it lasted. Hidden wins over blur: one going, one entry. */
export class Away {
  private left_at_ms: number | null = null;

  constructor(
    private readonly left: string,
    private readonly back: string,
  ) {}

  leave(at_ms: number, how: string): Signal | null {
    if (this.left_at_ms !== null) return null;
    this.left_at_ms = at_ms;
    return { kind: this.left, extra: { how } };
  }

  come(at_ms: number): Signal | null {
    if (this.left_at_ms === null) return null;
    const away_ms = Math.round(at_ms - this.left_at_ms);
    this.left_at_ms = null;
    return { kind: this.back, extra: { away_ms } };
  }

  /** For a server that has counted the candidate as back, as it does when the page connects again. */
  still(): Signal | null {
    return this.is_away ? { kind: this.left, extra: { how: "still" } } : null;
  }

  get is_away(): boolean {
    return this.left_at_ms !== null;
  }

  lasted(at_ms: number): number {
    return this.left_at_ms === null ? 0 : at_ms - this.left_at_ms;
  }
}

const BUDGET_S: Record<string, number> = { lenient: 30, moderate: 15, severe: 0 };

/** Seconds outside full screen that the level forgives, over the whole attempt (product.md §5.3). */
export function fullScreenBudget(level: string): number | null {
  return BUDGET_S[level] ?? null;
}
