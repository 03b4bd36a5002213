/** Plays through the stills of the online violations, one after the other, with the time and words of each. */

import { html, nothing, render, type TemplateResult } from "lit";

import { lucide } from "./icon";

export const SHOWN_MS = 2_000;

export interface Snapshot {
  url: string;
  name: string;
  what: string;
}

/** What the table of the page holds: its pictures in order, each with its row's words. */
export function snapshotsOf(root: ParentNode): Snapshot[] {
  return [...root.querySelectorAll<HTMLTableRowElement>("tbody tr")].flatMap((row) => {
    const what = row.cells[1]?.textContent?.trim() ?? "";
    return [...row.querySelectorAll<HTMLImageElement>("img")].map((img) => ({ url: img.src, name: img.alt, what }));
  });
}

export class SnapshotPlayer {
  private at = 0;
  private timer: ReturnType<typeof setInterval> | null = null;

  constructor(
    private readonly place: HTMLElement,
    private readonly all: readonly Snapshot[],
  ) {
    this.draw();
  }

  get playing(): boolean {
    return this.timer !== null;
  }

  toggle(): void {
    if (this.timer !== null) {
      clearInterval(this.timer);
      this.timer = null;
    } else {
      if (this.at === this.all.length - 1) this.at = 0;
      this.timer = setInterval(() => this.onward(), SHOWN_MS);
    }
    this.draw();
  }

  step(by: number): void {
    this.at = Math.min(this.all.length - 1, Math.max(0, this.at + by));
    this.draw();
  }

  private onward(): void {
    if (this.at === this.all.length - 1) return this.toggle();
    this.step(1);
  }

  private draw(): void {
    const now = this.all[this.at];
    render(now ? this.view(now) : nothing, this.place);
  }

  private view(now: Snapshot): TemplateResult {
    const first = this.at === 0;
    const last = this.at === this.all.length - 1;
    const button = (icon: string, name: string, off: boolean, act: () => void, primary = false): TemplateResult =>
      html`<button class=${primary ? "btn ico primary" : "btn ico"} aria-label=${name} title=${name} aria-disabled=${off ? "true" : "false"} @click=${() => !off && act()}>${lucide(icon)}</button>`;
    return html`<figure class="snap"><img class="video" src=${now.url} alt=${now.name}><figcaption class="trans">
      ${button(this.playing ? "pause" : "play", this.playing ? "Pause" : "Play through the pictures", false, () => this.toggle(), true)}
      ${button("skip-back", "Previous picture", first, () => this.step(-1))} ${button("skip-forward", "Next picture", last, () => this.step(1))}
      <span class="clock" role="status"><b>${now.what}</b> <span class="muted">${now.name} · ${this.at + 1} of ${this.all.length}</span></span>
    </figcaption></figure>`;
  }
}
