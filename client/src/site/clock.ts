// The server's clock on the page: it runs by the monotonic clock of the browser, so a wrong computer clock does not show.
import { clock } from "../base/look";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export function clockText(at: Date, offsetMin: number, zone: string): string {
  const local = new Date(at.getTime() + offsetMin * 60_000);
  return `${local.getUTCDate()} ${MONTHS[local.getUTCMonth()] ?? ""}, ${clock(at, offsetMin)} ${zone}`;
}

function run(element: HTMLTimeElement): void {
  const started = Date.parse(element.dateTime);
  if (Number.isNaN(started)) return;
  const offsetMin = Number(element.dataset.offsetMin ?? "0");
  const zone = element.dataset.zone ?? "UTC";
  // performance.now() counts from the start of navigation; the answer was written somewhere before the document was parsed.
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const written = navigation?.responseStart ?? performance.now();
  const tick = (): void => {
    const now = started + (performance.now() - written);
    element.textContent = clockText(new Date(now), offsetMin, zone);
    window.setTimeout(tick, 1000 - (now % 1000) + 5);
  };
  tick();
}

export function startClocks(): void {
  for (const element of document.querySelectorAll<HTMLTimeElement>("time[data-server-clock]")) run(element);
}
