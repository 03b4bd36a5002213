/** Places the timestamps of one source on the attempt's time line (ms since `entered_at`, by the server's clock). */

/** A stamp this far ahead of now means the offset was learnt from a late frame; it is corrected at once. */
const AHEAD_MS = 20;
/** A frame may come this much early and still be the expected one; the debt is remembered. */
const ENOUGH_CREDIT = 0.75;
/** After a pause there is no burst to make up for it. */
const MOST_CREDIT = 1.5;
/** A stamp this far behind now means the source's own clock stood still (sleep, frozen driver). */
const BEHIND_MS = 1_000;

export class Timeline {
  private offset_ms: number | null = null;
  private last_ms = -Infinity;

  /** `now`: ms since the attempt was entered, monotone. */
  constructor(private readonly now: () => number) {}

  /** `stamp_us`: the source's own microseconds, arbitrary zero. Returns a strictly rising time. */
  place(stamp_us: number): number {
    const now = this.now();
    const stamp_ms = stamp_us / 1000;
    let placed = this.offset_ms === null ? now : stamp_ms + this.offset_ms;
    if (placed > now + AHEAD_MS || placed < now - BEHIND_MS) placed = now;
    this.offset_ms = placed - stamp_ms;
    return this.after(placed);
  }

  /** A time for something the source did not stamp (the repeat of its last frame). */
  placeNow(): number {
    return this.after(this.now());
  }

  private after(t_ms: number): number {
    this.last_ms = Math.max(t_ms, this.last_ms + 1);
    return this.last_ms;
  }
}

/**
 * Thins a source to a frame rate by phase, not by minimum distance: a jittery 10 fps source asked for 10 keeps its frames.
 */
export class Thinner {
  /** Frames owed: grows with time, one less for each frame taken. */
  private credit = 1;
  private before_ms: number | null = null;

  constructor(private readonly interval_ms: number) {}

  take(t_ms: number): boolean {
    const passed_ms = t_ms - (this.before_ms ?? t_ms);
    this.before_ms = t_ms;
    this.credit = Math.min(MOST_CREDIT, this.credit + passed_ms / this.interval_ms);
    if (this.credit < ENOUGH_CREDIT) return false;
    this.credit -= 1;
    return true;
  }
}

/** Frames the source really delivered per second, over the last five seconds: the health figure behind "camera frozen". */
export class RateMeter {
  private readonly seen: number[] = [];

  constructor(private readonly window_ms = 5_000) {}

  mark(t_ms: number): void {
    this.seen.push(t_ms);
  }

  perSecond(now_ms: number): number {
    while (this.seen.length > 0 && (this.seen[0] ?? 0) <= now_ms - this.window_ms) this.seen.shift();
    return Math.round((this.seen.length * 10_000) / this.window_ms) / 10;
  }
}
