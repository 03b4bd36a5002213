/**
 * What hides the exam by a rule of its policy, and what a hidden exam gives back. The server decides the same from what
 * this page tells it; here it is only shown in time. All times are server time, in ms.
 */

import type { HoldState } from "../base/wire";

export type Warned = "full_screen" | "display";

export interface HoldRules {
  on_track_loss: string;
  full_screen_action: string;
  one_screen: boolean;
}

/** The conditions as they are now. */
export interface Conditions {
  /** Out of full screen: seconds of the budget left; null while in it or when it is not required. */
  full_screen_s: number | null;
  extended: boolean;
  device_lost: boolean;
}

/** §8.6: the exam stays visible so long after a device was lost. */
export const GRACE_S = 20;

/** A device whose loss is only written down hides nothing. */
const ONLY_FLAGGED = ["warn", "continue_flagged"];

export class Holds {
  private readonly unacknowledged = new Set<Warned>();
  private is: Conditions = { full_screen_s: null, extended: false, device_lost: false };
  private lost_at_ms: number | null = null;
  private credit_left_ms: number;
  /** Given back by the rules, not yet in the deadline the server told. */
  private owed_ms = 0;

  constructor(
    private readonly rules: HoldRules,
    sent: HoldState,
  ) {
    this.credit_left_ms = sent.credit_left_s * 1000;
    for (const { cause, held_at } of sent.breaches) {
      if (held_at !== null && cause !== "device") this.unacknowledged.add(cause);
    }
  }

  look(is: Conditions, now_ms: number): void {
    if (is.full_screen_s === 0 && this.rules.full_screen_action !== "flag") this.unacknowledged.add("full_screen");
    if (is.extended && this.rules.one_screen) this.unacknowledged.add("display");
    if (is.device_lost) this.lost_at_ms ??= now_ms;
    else this.back(now_ms);
    this.is = is;
  }

  /** Cover the exam because of a second display. */
  get displayHides(): boolean {
    return this.is.extended && this.rules.one_screen;
  }

  /** The condition is met again and waits for the candidate's word. */
  get warning(): Warned | null {
    if (this.unacknowledged.has("display") && !this.is.extended) return "display";
    if (this.unacknowledged.has("full_screen") && this.is.full_screen_s === null) return "full_screen";
    return null;
  }

  acknowledge(cause: Warned): void {
    this.unacknowledged.delete(cause);
  }

  /** Seconds until a lost device hides the exam: 0 while it does; null when none is lost or nothing will be hidden. */
  graceLeft(now_ms: number): number | null {
    if (this.lost_at_ms === null || ONLY_FLAGGED.includes(this.rules.on_track_loss)) return null;
    return Math.max(0, Math.ceil(GRACE_S - (now_ms - this.lost_at_ms) / 1000));
  }

  /** What is given back so far and does not stand in the server's deadline yet. */
  credit(now_ms: number): number {
    return this.owed_ms + this.held(now_ms);
  }

  /** What a device may still have given back, in whole seconds. */
  creditLeft(now_ms: number): number {
    return Math.max(0, Math.ceil((this.credit_left_ms - this.held(now_ms)) / 1000));
  }

  /** The server moved the deadline: what it gave is not owed any more. */
  given(more_ms: number): void {
    this.owed_ms = Math.max(0, this.owed_ms - Math.max(0, more_ms));
  }

  private held(now_ms: number): number {
    if (this.lost_at_ms === null || this.rules.on_track_loss !== "hold") return 0;
    return Math.min(Math.max(0, now_ms - this.lost_at_ms - GRACE_S * 1000), this.credit_left_ms);
  }

  private back(now_ms: number): void {
    const held_ms = this.held(now_ms);
    this.owed_ms += held_ms;
    this.credit_left_ms -= held_ms;
    this.lost_at_ms = null;
  }
}
