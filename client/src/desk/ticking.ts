// Times that run on the page by the server's clock: countdowns to a deadline, ages of a loss. Stale data stands still.
import { ServerClock, anchorFrom, monotonicMs } from "../base/clock";
import { clock, countdown } from "../base/look";

export class Ticking {
  private readonly time: ServerClock;
  private standing = false;

  /** `root` has the server's time in data-now and the zone in data-offset-min. */
  constructor(private readonly root: HTMLElement) {
    const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    const read_at = performance.timeOrigin + (navigation?.responseStart ?? performance.now());
    this.time = new ServerClock(anchorFrom(root.dataset["now"] ?? new Date().toISOString(), read_at));
  }

  /** The server has said its time. */
  learn(server_now: string): void {
    this.time.learn(anchorFrom(server_now, monotonicMs()));
  }

  now(): number {
    return this.time.now();
  }

  /** A moment as the schedule's clocks show it. */
  words(at_ms: number): string {
    return clock(new Date(at_ms), Number(this.root.dataset["offsetMin"] ?? "0"));
  }

  start(): void {
    this.tick();
    window.setInterval(() => this.tick(), 1000);
  }

  /** Old data must not look live: nothing runs until it is fresh again. */
  stand(standing: boolean): void {
    this.standing = standing;
    if (!standing) this.tick();
  }

  tick(within: ParentNode = document): void {
    if (this.standing) return;
    const now = this.now();
    for (const place of within.querySelectorAll<HTMLElement>("[data-until]")) {
      place.textContent = countdown((Date.parse(place.dataset["until"] ?? "") - now) / 1000);
    }
    for (const place of within.querySelectorAll<HTMLElement>("[data-since]")) {
      place.textContent = countdown((now - Date.parse(place.dataset["since"] ?? "")) / 1000);
    }
  }
}
