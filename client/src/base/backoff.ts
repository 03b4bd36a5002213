/** Waiting times between tries: doubling from half a second to five, with jitter, for ever. */

export const FIRST_WAIT_MS = 500;
export const LONGEST_WAIT_MS = 5_000;

export class Backoff {
  private failures = 0;

  constructor(private readonly random: () => number = Math.random) {}

  /** The next wait. Between half and the whole of the step, so that many clients do not return in one beat. */
  next(): number {
    const step = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.failures, 10));
    this.failures += 1;
    return Math.round(step * (0.5 + this.random() / 2));
  }

  reset(): void {
    this.failures = 0;
  }
}

/** A pause that ends early when any of `signals` fires; it never rejects. */
export function pause(ms: number, ...signals: AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    if (signals.some((signal) => signal.aborted)) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, ms));
    for (const signal of signals) signal.addEventListener("abort", done);
  });
}
