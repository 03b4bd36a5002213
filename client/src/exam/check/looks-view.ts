/**
 * The four pictures of the system check: how this candidate looks when they face their own screen. Offered, never
 * asked for twice; they stay in this page until the agreement is accepted.
 */

import { type TemplateResult, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import type { LookName, StartFacts } from "../facts";
import type { Media } from "../media";
import { Light, attach, ic } from "../parts";
import { type Look, stillOf } from "./still";

/** From the press to the picture: long enough to look there, also for who presses with a mouse. */
export const HOLD_MS = 2_000;

const LOOKS: Record<LookName, { icon: string; title: string; text: string }> = {
  middle: { icon: "circle-dot", title: "The middle of your screen", text: "Sit as you will during the exam." },
  left: { icon: "arrow-left", title: "The left edge of your screen", text: "As you would read something there." },
  right: { icon: "arrow-right", title: "The right edge of your screen", text: "As you would read something there." },
  down: { icon: "arrow-down", title: "Your keyboard", text: "As you look down when you type." },
};

@customElement("exam-looks")
export class ExamLooks extends Light {
  @property({ attribute: false }) facts!: StartFacts;
  @property({ attribute: false }) media!: Media;
  /** With all pictures, or with none. */
  @property({ attribute: false }) done!: (taken: Look[]) => void;
  @property({ attribute: false }) take: (video: HTMLVideoElement) => Promise<string> = stillOf;
  @state() private taken: Look[] = [];
  @state() private holding = false;
  @state() private trouble = "";
  private timer: ReturnType<typeof setTimeout> | null = null;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.timer !== null) clearTimeout(this.timer);
  }

  override firstUpdated(): void {
    this.querySelector<HTMLElement>(".cfoot .primary")?.focus();
  }

  override updated(): void {
    attach(this, "video", this.media.camera);
  }

  private get next(): LookName | undefined {
    return this.facts.looks[this.taken.length];
  }

  private press(): void {
    if (this.holding) return;
    if (!this.next) {
      this.done(this.taken);
      return;
    }
    this.holding = true;
    this.trouble = "";
    this.timer = setTimeout(() => void this.shoot(), HOLD_MS);
  }

  private async shoot(): Promise<void> {
    const video = this.querySelector("video");
    try {
      if (video && this.next) this.taken = [...this.taken, { look: this.next, jpeg: await this.take(video) }];
    } catch {
      this.trouble = "No picture could be taken. Try again, or go on without.";
    } finally {
      this.holding = false;
    }
  }

  private again(): void {
    this.taken = [];
    this.querySelector<HTMLElement>(".cfoot .primary")?.focus();
  }

  override render(): TemplateResult {
    return html`<div class="chead"><h1>Show how you look at your screen</h1>
        <p class="muted">During the exam a program compares you with yourself, not with others. Four pictures show it how you sit and look at your screen. You may leave them out; that has no consequence.</p></div>
      <div class="two"><section class="panel" aria-labelledby="looks-title"><header><h2 id="looks-title">Look at…</h2>
            ${this.taken.length ? html`<button class="btn sm quiet" @click=${() => this.again()}>${ic("rotate-ccw")}Take them again</button>` : nothing}</header>
          <ol class="cks">${this.facts.looks.map((look, index) => this.line(look, index))}</ol></section>
        <aside class="stack" aria-label="Camera"><section class="panel cam"><div class="video v43"><video muted autoplay playsinline aria-label="Your camera picture"></video></div>
          <p class="in sm muted">The pictures stay on this computer until you accept the agreement. If you decline, they are forgotten.</p></section></aside></div>
      <footer class="cfoot"><div><span id="looks-why" role="status" class=${this.trouble ? "" : "muted"}>${this.trouble || this.word()}</span>
        <span class="row nw"><button class="btn quiet" @click=${() => this.done([])}>Go on without</button>
          <button class="btn primary lg" aria-describedby="looks-why" aria-disabled=${this.holding} @click=${() => this.press()}>${this.label()}</button></span></div></footer>`;
  }

  private line(look: LookName, index: number): TemplateResult {
    const { icon, title, text } = LOOKS[look];
    const one = this.taken[index];
    const now = index === this.taken.length;
    return html`<li class="ck ${one ? "ok" : now ? "attention" : "neutral"}" aria-current=${now ? "step" : nothing}><span class="ckico ink">${ic(one ? "circle-check" : icon)}</span>
      <div class="grow"><p class="row between"><span class="strong">${title}</span><span class="ink sm nowrap ckw">${one ? "Taken" : now && this.holding ? "Hold still" : now ? "Next" : ""}</span></p><p class="muted ckt">${text}</p></div>
      ${one ? html`<img class="look" src="data:image/jpeg;base64,${one.jpeg}" alt="Your picture: ${title.toLowerCase()}" width="80" height="60" />` : nothing}</li>`;
  }

  private word(): string {
    const { length } = this.taken;
    const before = length ? `Picture ${length} of ${this.facts.looks.length} taken. ` : "";
    if (!this.next) return `${before}They are sent when you accept the agreement.`;
    const there = LOOKS[this.next].title.toLowerCase();
    return this.holding ? `Look at ${there} and hold still for two seconds.` : `${before}Press, then look at ${there}.`;
  }

  private label(): string {
    if (!this.next) return "Continue to agreement";
    return `Take picture ${this.taken.length + 1}`;
  }
}
