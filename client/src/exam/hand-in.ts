/** C9: what is still open, one confirmation, then the receipt. */

import { type TemplateResult, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import { Light, ic } from "./parts";
import type { ExamSession } from "./session";

@customElement("exam-hand-in")
export class ExamHandIn extends Light {
  @property({ attribute: false }) session!: ExamSession;
  @property({ attribute: false }) unanswered: number[] = [];
  @property({ attribute: false }) flagged: number[] = [];
  @property({ attribute: false }) close!: () => void;
  @property({ attribute: false }) goTo!: (number: number) => void;
  @property({ attribute: false }) done!: () => void;
  @state() private sending = false;
  @state() private trouble = "";

  override firstUpdated(): void {
    const dialog = this.querySelector("dialog");
    dialog?.showModal();
    dialog?.addEventListener("close", () => this.close());
  }

  private async send(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    this.trouble = "";
    try {
      await this.session.handIn();
      this.done();
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
      this.sending = false;
    }
  }

  private list(label: string, numbers: number[]): TemplateResult | typeof nothing {
    if (numbers.length === 0) return nothing;
    const go = (number: number): void => {
      this.querySelector("dialog")?.close();
      this.goTo(number);
    };
    return html`<p class="strong">${label}</p><ul class="row handlist">${numbers.map(
      (number) => html`<li><button type="button" class="btn sm" aria-label="Go to question ${number}" @click=${() => go(number)}>${number}</button></li>`,
    )}</ul>`;
  }

  override render(): TemplateResult {
    const total = this.session.questions.length;
    const device = this.session.saves?.counts().device ?? 0;
    return html`<dialog class="dialog" aria-labelledby="hand-title"><header>${ic("send-horizontal", "", "flip")}<h2 id="hand-title">Hand in your exam?</h2></header>
      <div class="in stack"><p>${total - this.unanswered.length} of ${total} questions are answered. After handing in you cannot change anything.</p>
        ${this.list("Not answered", this.unanswered)}${this.list("Flagged by you", this.flagged)}
        ${device ? html`<p class="row offline"><span class="ink">${ic("hard-drive")}</span>${device} ${device === 1 ? "answer is" : "answers are"} still on this device and sent first.</p>` : nothing}
        ${this.trouble ? html`<p class="err" role="alert">${ic("triangle-alert")}${this.trouble} Your answers are safe. Try again.</p>` : nothing}</div>
      <footer><button class="btn" @click=${() => this.querySelector("dialog")?.close()}>Go back to the exam</button>
        <button class="btn primary" aria-disabled=${this.sending} @click=${() => void this.send()}>${this.sending ? "Handing in" : "Hand in"}</button></footer></dialog>`;
  }
}
