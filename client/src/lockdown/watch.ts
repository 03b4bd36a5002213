/** Listens to the window while the exam runs and tells what happened; blocks what the policy blocks. */

import { hasSecondDisplay } from "../capture/devices";
import type { ClientPolicy } from "../exam/facts";
import {
  Away,
  type ClipboardAct,
  type Signal,
  type WindowSize,
  area,
  clipboard,
  clipboardBlocked,
  display,
  fullScreenBudget,
  inspector,
  inspectorKeys,
  keyCombo,
  largest,
  resize,
} from "./signals";

/** The display's change event does not fire and a resize can be silent (capture.md §6), so both are looked at. */
const LOOK_EVERY_MS = 2_000;

/** What the server knows from a page of this attempt before this one. */
export interface Before {
  full_screen_spent_s: number;
  left_full_screen: boolean;
  extended: boolean;
}

const NOTHING_BEFORE: Before = { full_screen_spent_s: 0, left_full_screen: false, extended: false };

export class Lockdown {
  private readonly ending = new AbortController();
  private readonly focus = new Away("focus_lost", "focus_regained");
  private readonly screen = new Away("left_full_screen", "returned_full_screen");
  private readonly poll: ReturnType<typeof setInterval>;
  private size = windowSize();
  private extended = hasSecondDisplay();
  private copied_here: string | null = null;
  private spent_ms: number;
  private full = document.fullscreenElement !== null;
  private most = area(this.size);

  constructor(
    private readonly lock: ClientPolicy["lock"],
    private readonly tell: (signal: Signal) => void,
    before: Before = NOTHING_BEFORE,
  ) {
    this.spent_ms = before.full_screen_spent_s * 1000;
    this.listen();
    this.poll = setInterval(() => this.look(), LOOK_EVERY_MS);
    if (this.extended) this.say(display(false, true));
    else if (before.extended) this.say(display(true, false));
    if (before.left_full_screen && document.fullscreenElement) this.say({ kind: "returned_full_screen", extra: { away_ms: 0 } });
    if (this.fullScreenRequired && !document.fullscreenElement) this.say(this.screen.leave(performance.now(), "not_entered"));
  }

  close(): void {
    this.ending.abort();
    clearInterval(this.poll);
  }

  /** After the page has connected again: the server takes a connection for a return, so what goes on is told again. */
  tellAgain(): void {
    this.say(this.focus.still());
    this.say(this.screen.still());
    if (this.extended) this.say(display(false, true));
  }

  get fullScreenRequired(): boolean {
    return fullScreenBudget(this.lock.full_screen) !== null;
  }

  /** Seconds of the budget left while outside; null inside or when full screen is not required. */
  fullScreenLeft(): number | null {
    const budget_s = fullScreenBudget(this.lock.full_screen);
    if (budget_s === null || !this.screen.is_away) return null;
    const spent_ms = this.spent_ms + this.screen.lasted(performance.now());
    return Math.max(0, Math.ceil(budget_s - spent_ms / 1000));
  }

  get hasSecondDisplay(): boolean {
    return this.extended === true;
  }

  private say(signal: Signal | null): void {
    if (signal) this.tell(signal);
  }

  private on(target: EventTarget, name: string, listener: (event: Event) => void): void {
    target.addEventListener(name, listener, { signal: this.ending.signal, capture: true });
  }

  private listen(): void {
    // not while capturing: then every field's own blur would pass here too and be taken for leaving the exam
    const own = { signal: this.ending.signal };
    window.addEventListener("blur", () => this.say(this.focus.leave(performance.now(), "blur")), own);
    window.addEventListener("focus", () => this.say(this.focus.come(performance.now())), own);
    this.on(document, "visibilitychange", () => this.visibility());
    this.on(document, "fullscreenchange", () => this.fullScreen());
    this.on(window, "resize", () => this.look());
    this.on(window, "beforeprint", () => this.say({ kind: "print_attempt", extra: { blocked: this.lock.printing } }));
    this.on(document, "keydown", (event) => this.key(event as KeyboardEvent));
    this.on(document, "contextmenu", (event) => this.rightClick(event));
    for (const act of ["copy", "cut", "paste"] as const) {
      this.on(document, act, (event) => this.clip(act, event as ClipboardEvent));
    }
  }

  private visibility(): void {
    const now = performance.now();
    this.say(document.visibilityState === "hidden" ? this.focus.leave(now, "hidden") : this.focus.come(now));
  }

  private fullScreen(): void {
    const now = performance.now();
    if (!this.fullScreenRequired) return;
    if (document.fullscreenElement) {
      this.spent_ms += this.screen.lasted(now);
      this.say(this.screen.come(now));
    } else {
      this.say(this.screen.leave(now, "left"));
    }
  }

  private key(event: KeyboardEvent): void {
    const keys = { key: event.key, code: event.code, ctrl: event.ctrlKey, alt: event.altKey, shift: event.shiftKey, meta: event.metaKey };
    const signal = event.repeat ? null : keyCombo(keys);
    if (!signal) return;
    const inspecting = this.lock.developer_tools && signal.extra?.does === "inspector";
    this.say(inspecting ? inspectorKeys(signal) : signal);
    if (inspecting || (this.lock.printing && signal.extra?.does === "print")) event.preventDefault();
  }

  private rightClick(event: Event): void {
    this.say({ kind: "right_click", extra: { blocked: this.lock.right_click } });
    if (this.lock.right_click) event.preventDefault();
  }

  private clip(act: ClipboardAct, event: ClipboardEvent): void {
    const text = act === "paste" ? (event.clipboardData?.getData("text/plain") ?? "") : selectedText();
    const blocked = clipboardBlocked(this.lock.clipboard, act, text, this.copied_here);
    if (blocked) event.preventDefault();
    this.say(clipboard(act, text, this.copied_here, blocked));
    if (act !== "paste" && !blocked && text) this.copied_here = text; // nothing selected leaves the clipboard as it is
  }

  private look(): void {
    const size = windowSize();
    this.most = largest(this.most, area(size));
    const changed = resize(this.size, size, this.most);
    if (changed) {
      const full = document.fullscreenElement !== null; // going in or out moves the browser's own bars
      if (this.lock.developer_tools && full === this.full) this.say(inspector(this.size, size));
      this.size = size;
      this.full = full;
      this.say(changed);
    }
    const extended = hasSecondDisplay();
    this.say(display(this.extended, extended));
    this.extended = extended ?? this.extended;
  }
}

function windowSize(): WindowSize {
  return {
    inner_width: innerWidth,
    inner_height: innerHeight,
    outer_width: outerWidth,
    outer_height: outerHeight,
    pixel_ratio: devicePixelRatio,
  };
}

/** In a field the page's selection is empty; the field's own is meant. */
function selectedText(): string {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  if (active instanceof HTMLTextAreaElement || active instanceof HTMLInputElement) {
    return active.value.slice(active.selectionStart ?? 0, active.selectionEnd ?? 0);
  }
  return String(getSelection() ?? "");
}
