/** One document from the system check to "All uploaded": streams do not survive a navigation. Shows one step at a time. */

import { type TemplateResult, html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";

import { ClientError } from "../base/errors";
import "./check/check-view";
import "./check/looks-view";
import type { Look } from "./check/still";
import "./check/steps-views";
import { DoorError, PageDoor } from "./door";
import { type StartFacts, type StepName, readStartFacts } from "./facts";
import "./finish";
import { holdTab } from "./one-tab";
import "./overlay-view";
import { Light, bringIcons, candidateBar, ic, stepList } from "./parts";
import "./player";
import { ExamSession } from "./session";

type Stage = "opening" | "other_tab" | "held" | "check" | "looks" | "agreement" | "declined" | "start" | "resume" | "player" | "finish" | "recheck" | "trouble";

/** R-4.21: what the log calls the pages that are no questions. */
const PAGES: Partial<Record<Stage, string>> = {
  check: "check",
  recheck: "check",
  looks: "check",
  agreement: "agreement",
  declined: "declined",
  start: "ready",
  resume: "resume",
  finish: "finish",
};

/** Clock, countdowns and the connection are looked at this often. */
const TICK_MS = 250;

@customElement("exam-app")
export class ExamApp extends Light {
  @state() private stage: Stage = "opening";
  @state() private tick = 0;
  @state() private trouble = "";
  private facts!: StartFacts;
  private session!: ExamSession;
  private to_do: StepName[] = [];
  private looks: Look[] = [];
  private timer: ReturnType<typeof setInterval> | null = null;
  private page = "";

  override connectedCallback(): void {
    this.replaceChildren(); // what stood here said that the script was not there yet
    super.connectedCallback();
    this.facts = readStartFacts();
    this.to_do = this.facts.to_do;
    this.session = new ExamSession(this.facts, this.dataset.worker ?? "", () => this.requestUpdate());
    this.reportErrors();
    void bringIcons()
      .catch(() => undefined) // then they come one by one, as on every other page
      .then(() => this.open(false));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.timer !== null) clearInterval(this.timer);
  }

  private reportErrors(): void {
    window.addEventListener("error", (event) => this.session.error(`${event.message} ${event.filename}:${event.lineno}`));
    window.addEventListener("unhandledrejection", ({ reason }) => this.session.error(`rejected: ${reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason)}`));
    document.addEventListener("securitypolicyviolation", (event) => this.session.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  }

  /** First this browser's own tabs, then the server: the question is asked before any state is touched. */
  private async open(steal: boolean): Promise<void> {
    const held = await holdTab(this.facts.attempt, steal, () => this.session.loseHold("tab"));
    if (!held) {
      this.stage = "other_tab";
      return;
    }
    this.timer ??= setInterval(() => (this.tick += 1), TICK_MS);
    if (this.facts.state === "entering") this.nextStep();
    else await this.connect(false, () => this.afterConnect());
  }

  private nextStep(): void {
    const next = this.to_do[0];
    if (next === "check" || (next === undefined && !this.session.media.ready)) this.stage = "check";
    else if (next === "agreement") this.stage = "agreement";
    else void this.connect(false, () => this.afterConnect());
  }

  private async connect(takeover: boolean, then: () => void): Promise<void> {
    try {
      await this.session.connect(takeover);
      then();
    } catch (error) {
      if (error instanceof DoorError && error.code === "held_elsewhere") this.stage = "held";
      else this.fail(error);
    }
  }

  private afterConnect(): void {
    const { session } = this;
    if (session.over) this.stage = "finish";
    else if (!session.started) this.stage = session.media.ready ? "start" : "check";
    else this.stage = session.media.ready ? "player" : "resume";
  }

  private goOn(): void {
    this.session.goOn();
    this.stage = "player";
  }

  private fail(error: unknown): void {
    this.trouble = error instanceof DoorError || error instanceof ClientError ? error.message : "The exam could not be opened.";
    this.session.error(String(error));
    this.stage = "trouble";
  }

  private readonly begin = async (): Promise<void> => {
    const wants = this.session.policy.lock.full_screen !== "off";
    if (wants) await document.documentElement.requestFullscreen().catch(() => undefined); // the overlay asks again
    await this.session.start();
    this.stage = "player";
  };

  private async checkedAgain(): Promise<void> {
    try {
      await this.session.again();
      this.session.media.recordAll("device_lost");
      this.stage = "player";
    } catch (error) {
      this.fail(error);
    }
  }

  override render(): TemplateResult {
    if (this.stage === "player") return this.exam();
    if (this.stage === "finish") return html`<exam-finish .session=${this.session} .tick=${this.tick}></exam-finish>`;
    return html`${candidateBar(this.facts.title, this.facts.candidate)}<main id="main" class="cpage" tabindex="-1">${this.steps()}${this.step()}</main>`;
  }

  private exam(): TemplateResult {
    const overlay = this.session.overlay();
    if (overlay?.kind === "ended") queueMicrotask(() => (this.stage = "finish"));
    const covered = overlay !== null;
    document.body.classList.toggle("covered", covered);
    return html`<exam-player .session=${this.session} .covered=${covered} .tick=${this.tick} .handedIn=${() => (this.stage = "finish")}></exam-player>
      ${overlay
        ? html`<exam-overlay .session=${this.session} .overlay=${overlay} .tick=${this.tick}
            .checkIn=${() => (this.stage = "recheck")} .handIn=${async () => void (await this.session.handIn())}></exam-overlay>`
        : nothing}`;
  }

  protected override updated(): void {
    document.body.classList.toggle("exambody", this.stage === "player");
    if (this.stage !== "player") document.body.classList.remove("covered");
    this.notePage();
  }

  private notePage(): void {
    const stopped = this.stage === "player" && this.session.overlay()?.kind === "stopped";
    const page = stopped ? "stopped" : (PAGES[this.stage] ?? "");
    if (page && page !== this.page) this.session.note("page_visited", { page });
    this.page = page;
  }

  private steps(): TemplateResult | typeof nothing {
    const stage = this.stage === "declined" ? "agreement" : this.stage === "looks" ? "check" : this.stage;
    const at = this.facts.flow.findIndex(({ step }) => step === stage);
    return at < 0 ? nothing : stepList(this.facts.flow.map(({ word }) => word), at);
  }

  private step(): TemplateResult {
    const advance = (to_do: string[]): void => {
      this.to_do = to_do as StepName[];
      this.nextStep();
    };
    const checked = (to_do: string[]): void => {
      this.to_do = to_do as StepName[];
      if (this.to_do[0] === "agreement" && this.facts.looks.length > 0) this.stage = "looks";
      else this.nextStep();
    };
    switch (this.stage) {
      case "check":
        return html`<exam-check .facts=${this.facts} .media=${this.session.media} .done=${checked} next=${this.nextWord()}></exam-check>`;
      case "recheck":
        return html`<exam-check .facts=${this.facts} .media=${this.session.media} .done=${() => void this.checkedAgain()} next="Go on with the exam"></exam-check>`;
      case "looks":
        return html`<exam-looks .facts=${this.facts} .media=${this.session.media} .done=${(taken: Look[]) => this.looked(taken)}></exam-looks>`;
      case "agreement":
        return html`<exam-agreement .facts=${this.facts} .accepted=${(to_do: string[]) => this.sendLooks().then(() => advance(to_do))} .declined=${() => this.decline()}></exam-agreement>`;
      case "start":
        return html`<exam-ready .session=${this.session} .begin=${this.begin} .tick=${this.tick}></exam-ready>`;
      case "resume":
        return html`<exam-resume .session=${this.session} .resumed=${() => this.goOn()}></exam-resume>`;
      default:
        return this.word();
    }
  }

  private nextWord(): string {
    if (!this.to_do.includes("agreement")) return "Continue to start";
    return this.facts.looks.length > 0 ? "Continue" : "Continue to agreement";
  }

  private looked(taken: Look[]): void {
    this.looks = taken;
    this.nextStep();
  }

  /** Only now: with the agreement, and before the recording begins. What does not arrive keeps nobody from the exam. */
  private async sendLooks(): Promise<void> {
    const { looks } = this;
    this.looks = [];
    if (looks.length === 0) return;
    await new PageDoor().post(this.facts.urls.looks, { looks }).catch((error: unknown) => this.session.error(`pictures not sent: ${String(error)}`));
  }

  private decline(): void {
    this.looks = [];
    this.session.media.release();
    this.stage = "declined";
    // The pages seen so far stand in the log too, although the exam never begins.
    this.session.connect(false).catch((error: unknown) => this.session.error(String(error)));
  }

  private word(): TemplateResult {
    const { urls, support_contact } = this.facts;
    const contact = support_contact ? ` Contact: ${support_contact}.` : "";
    if (this.stage === "declined") {
      return page("You declined the agreement", `The exam does not start and nothing was recorded. Camera, microphone and screen are released. Your exam office can offer you another way to take it.${contact}`,
        html`<a class="btn" href=${urls.exams}>Back to my exams</a><button class="btn primary" @click=${() => location.reload()}>Read it again</button>`);
    }
    if (this.stage === "other_tab") {
      return page("This exam is open elsewhere. Continue here?", "It is open in another tab of this browser. If you continue here, the other tab is closed for the exam; your answers stay.",
        html`<button class="btn primary lg" @click=${() => void this.open(true)}>Continue here</button>`);
    }
    if (this.stage === "held") {
      return page("This exam is open elsewhere. Continue here?", "It is open on another device or in another browser. If you continue here, the other one becomes read-only; your answers stay.",
        html`<button class="btn primary lg" @click=${() => void this.connect(true, () => this.afterConnect())}>Continue here</button>`);
    }
    if (this.stage === "trouble") {
      return page("The exam could not be opened", `${this.trouble} Your answers on this device are kept.${contact}`, html`<button class="btn primary lg" @click=${() => location.reload()}>${ic("rotate-cw")}Try again</button>`);
    }
    return html`<div class="chead"><h1>${this.facts.title}</h1><p class="muted" role="status">The exam is being opened.</p></div>`;
  }
}

function page(title: string, text: string, acts: TemplateResult): TemplateResult {
  return html`<div class="chead"><h1>${title}</h1><p class="muted">${text}</p></div><p class="row">${acts}</p>`;
}
