/** After the exam: the receipt, and the recording on its way (R-0.42). The page may be left when it says so. */

import { type TemplateResult, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import { clock } from "../base/look";
import type { Backlog } from "../base/wire";
import { Light, candidateBar, ic } from "./parts";
import type { ExamSession } from "./session";

@customElement("exam-finish")
export class ExamFinish extends Light {
  @property({ attribute: false }) session!: ExamSession;
  @property({ type: Number }) tick = 0;
  @state() private backlog: Backlog = { segments: 0, bytes: 0 };
  @state() private uploaded = false;
  /** Segments of the recording that are not on the server and never will be. */
  @state() private lost = 0;
  private most_bytes = 0;
  private readonly ending = new AbortController();

  override connectedCallback(): void {
    super.connectedCallback();
    if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined);
    window.addEventListener(
      "beforeunload",
      (event) => {
        if (!this.done) event.preventDefault();
      },
      { signal: this.ending.signal },
    );
    void this.session.media
      .finish((backlog) => {
        this.backlog = backlog;
        this.most_bytes = Math.max(this.most_bytes, backlog.bytes);
      })
      .then((lost) => {
        this.lost = lost;
        this.uploaded = true;
      });
  }

  private get answers(): { waiting: number; refused: number; message: string } {
    return this.session.saves?.unsettled() ?? { waiting: 0, refused: 0, message: "" };
  }

  private get done(): boolean {
    return this.uploaded && this.answers.waiting === 0;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.ending.abort();
  }

  override firstUpdated(): void {
    this.querySelector<HTMLElement>("h1")?.focus();
  }

  override render(): TemplateResult {
    const { receipt, facts, state: ended } = this.session;
    const { waiting, refused, message } = this.answers;
    const title = ended === "timed_out" ? "Your time is over" : "Your exam is handed in";
    return html`${candidateBar(facts.title, facts.candidate)}
      <main id="main" class="cpage"><section class="panel receipt" aria-labelledby="finish-title">
        <span class="ok ink oico">${ic("circle-check-big")}</span><h1 id="finish-title" tabindex="-1">${title}</h1>
        ${receipt
          ? html`<p>Your receipt</p><p class="number">${receipt.number}</p><p>Handed in at ${clock(new Date(receipt.handed_in_at))} · ${receipt.answered} of ${receipt.total} questions answered</p>`
          : waiting + refused === 0 ? html`<p>What you answered is saved and counts.</p>` : nothing}
        ${refused ? html`<p class="row nw"><span class="attention ink">${ic("triangle-alert")}</span><span>${refused > 1 ? html`<b>${refused} answers do not count.</b> ` : nothing}${message}</span></p>` : nothing}
        <div class="upload" role="status">
          ${waiting ? html`<p class="row nw"><span class="offline ink">${ic("hard-drive")}</span><span><b>${waiting === 1 ? "One answer is" : `${waiting} answers are`} still on this device.</b> Keep this page open until all is sent.</span></p>` : nothing}
          ${this.uploaded ? this.end() : this.progress()}</div>
        <p class="muted">Camera, microphone and screen are released. Your exam office tells you when results are out.</p>
        ${this.done ? html`<p><a class="btn primary lg" href=${facts.urls.receipt}>Done</a></p>` : nothing}
      </section></main>`;
  }

  private end(): TemplateResult | typeof nothing {
    if (!this.done) return nothing;
    if (this.lost === 0) return html`<p class="row ok"><span class="ink">${ic("circle-check")}</span><b>All uploaded.</b></p>`;
    return html`<p class="row"><span class="ok ink">${ic("circle-check")}</span><b>All that could be sent is uploaded.</b></p>
      <p class="muted">${this.lost === 1 ? "One piece" : `${this.lost} pieces`} of the recording could not be kept on this computer. Your exam office sees this; your answers are not touched by it.</p>`;
  }

  private progress(): TemplateResult {
    const left_mb = (this.backlog.bytes / 1e6).toFixed(1);
    const done = this.most_bytes - this.backlog.bytes;
    return html`<p class="row">${ic("cloud-upload")}<b>Uploading, keep this page open.</b> ${this.backlog.segments ? `${left_mb} MB left.` : ""}</p>
      <progress aria-label="Upload of the recording" max=${Math.max(1, this.most_bytes)} .value=${done}></progress>`;
  }
}
