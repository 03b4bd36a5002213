/** Time left, and which of it is said aloud. Works on server time alone. */

/** Said politely when this much is left, in minutes (product.md §4.1 C7). */
export const SAID_AT_MIN = [30, 10, 5, 1] as const;

export function secondsLeft(deadline_ms: number | null, now_ms: number): number | null {
  return deadline_ms === null ? null : Math.max(0, Math.ceil((deadline_ms - now_ms) / 1000));
}

export function spoken(seconds: number): string {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const words = [count(h, "hour"), count(m, "minute"), h > 0 ? "" : count(s, "second")].filter(Boolean);
  return words.join(" ") || "0 seconds";
}

/** Says each threshold once as it is crossed; a corrected deadline (extra time) arms it again. */
export class Announcer {
  private last: number | null = null;

  /** The sentence to say now, or nothing. Crossing several at once (a paused tab) says only the nearest. */
  at(seconds: number | null): string {
    if (seconds === null) return "";
    const before = this.last;
    this.last = seconds;
    if (before === null || seconds >= before) return "";
    const crossed = SAID_AT_MIN.filter((min) => before > min * 60 && seconds <= min * 60);
    const nearest = crossed.at(-1);
    return nearest === undefined ? "" : `${count(nearest, "minute")} left`;
  }
}

/** Overlay countdowns are said at these seconds (look/README.md §4). */
export function countdownSaid(seconds: number): boolean {
  return seconds === 60 || seconds === 30 || seconds === 10;
}

function count(n: number, word: string): string {
  return n === 0 ? "" : `${n} ${word}${n === 1 ? "" : "s"}`;
}
