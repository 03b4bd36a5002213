/** C7: the exam itself. Bar, navigator, question, status line; the question is drawn once and never redrawn by the clock. */

import { type PropertyValues, type TemplateResult, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { ref } from "lit/directives/ref.js";

import { clock, countdown } from "../base/look";
import "./camera-tool";
import "./hand-in";
import type { Picture } from "./dark-hint";
import { DoorError } from "./door";
import type { StorageTrouble } from "./media";
import { DEVICES, ic, Light, mark } from "./parts";
import { type Drawn, drawItem } from "./question";
import { isEmpty } from "./saves";
import type { ExamSession, Question } from "./session";
import { Announcer, spoken } from "./timer";

const KEPT = "It is kept on this device and sent as soon as possible. Your answers are safe. Go on answering.";
const RECORDING_NOTES: Record<StorageTrouble, [string, string]> = {
  device_full: ["This computer’s storage is full.", "The recording is sent at once instead, and your invigilator is told. Your answers are safe. Go on answering."],
  server_full: ["The recording cannot be stored just now.", KEPT],
  not_sent: ["The recording could not be sent yet.", KEPT],
};
const HIDES_TIME = "examhall-hide-time";

@customElement("exam-player")
export class ExamPlayer extends Light {
  @property({ attribute: false }) session!: ExamSession;
  @property({ attribute: false }) handedIn!: () => void;
  @property({ type: Boolean }) covered = false;
  @property({ type: Number }) tick = 0;
  @state() private hidesTime = localStorage.getItem(HIDES_TIME) === "1";
  @state() private handing = false;
  @state() private trouble = "";
  private readonly seen = new Set<number>();
  private readonly flagged = new Set<number>();
  private readonly items = new Map<string, Drawn>();
  private readonly announcer = new Announcer();
  private said = "";
  private stage: Element | undefined;
  private readonly ending = new AbortController();

  override connectedCallback(): void {
    super.connectedCallback();
    this.restoreMarks();
    document.addEventListener("keydown", (event) => this.key(event), { signal: this.ending.signal });
    window.addEventListener("pagehide", () => void this.session.saves?.flush(), { signal: this.ending.signal });
    void this.go(this.session.current);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.ending.abort();
  }

  protected override willUpdate(): void {
    const said = this.announcer.at(this.session.timeLeft());
    if (said) this.said = said;
  }

  override updated(changed: PropertyValues): void {
    if (changed.has("covered")) {
      for (const part of this.children) part.toggleAttribute("inert", this.covered);
    }
  }

  private get marksKey(): string {
    return `examhall-marks-${this.session.facts.attempt}`;
  }

  private restoreMarks(): void {
    const kept = JSON.parse(localStorage.getItem(this.marksKey) ?? '{"seen":[],"flagged":[]}') as Record<string, number[]>;
    for (const number of kept.seen ?? []) this.seen.add(number);
    for (const number of kept.flagged ?? []) this.flagged.add(number);
  }

  private keepMarks(): void {
    localStorage.setItem(this.marksKey, JSON.stringify({ seen: [...this.seen], flagged: [...this.flagged] }));
  }

  private get question(): Question | undefined {
    return this.session.question(this.session.current);
  }

  private async go(number: number): Promise<void> {
    const question = this.session.question(number);
    if (!question) return;
    void this.session.saves?.flush();
    this.session.visit(number);
    this.seen.add(number);
    this.keepMarks();
    await this.draw(question);
    this.querySelector(`.q.now`)?.scrollIntoView({ block: "nearest", inline: "center" });
  }

  private async draw(question: Question): Promise<void> {
    this.trouble = "";
    if (!this.items.has(question.item_id)) this.stage?.replaceChildren(); // never another question under this number
    try {
      const drawn = this.items.get(question.item_id) ?? (await this.load(question));
      if (this.question !== question) return; // the candidate has gone on meanwhile
      this.stage?.replaceChildren(drawn.element);
      this.querySelector(".qmain")?.scrollTo(0, 0);
    } catch (error) {
      if (this.question !== question) return;
      this.stage?.replaceChildren();
      this.trouble = error instanceof DoorError ? `${error.message} This question could not be read yet.` : "This question could not be read.";
      this.session.error(`question ${question.number}: ${String(error)}`);
    }
  }

  private async load(question: Question): Promise<Drawn> {
    const { session } = this;
    const xml = await session.items.xml(question.item_id);
    const response = session.saves?.of(question.item_id).response ?? null;
    const drawn = drawItem(xml, response, (given) => session.answer(question, given));
    this.items.set(question.item_id, drawn);
    return drawn;
  }

  private clear(question: Question): void {
    this.session.answer(question, null);
    this.items.get(question.item_id)?.show(null);
  }

  private flag(): void {
    const { current } = this.session;
    const now = !this.flagged.delete(current);
    if (now) this.flagged.add(current);
    this.keepMarks();
    this.session.note("answer_flagged", { flagged: now }, this.question);
    this.requestUpdate();
  }

  /** No single keys: everything typed belongs to the answer. */
  private key(event: KeyboardEvent): void {
    if (!event.altKey || event.ctrlKey || event.metaKey || this.covered || this.handing) return;
    const acts: Record<string, () => void> = {
      ArrowRight: () => void this.go(this.session.current + 1),
      ArrowLeft: () => void this.go(this.session.current - 1),
      f: () => this.flag(),
      F: () => this.flag(),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  private openHandIn(): void {
    this.handing = true;
    this.session.note("hand_in_opened", { unanswered: this.unanswered().length });
  }

  private unanswered(): number[] {
    const { saves, questions } = this.session;
    return questions.filter((one) => isEmpty(saves?.of(one.item_id).response ?? null)).map((one) => one.number);
  }

  override render(): TemplateResult {
    return html`${this.bar()}
      <div class="exam">${this.navigator()}
        <main id="main" class="qmain" tabindex="-1"><article class="qcard" aria-label="Question ${this.session.current}">
          <div class="row between qh"><h1 class="muted">Question ${this.session.current} of ${this.session.questions.length}</h1><span class="muted">${points(this.question?.max_score ?? 0)}</span></div>
          ${this.lostDevice()}
          ${this.trouble ? html`<div class="note attention" role="alert">${ic("triangle-alert")}<p>${this.trouble}</p><button class="btn sm" @click=${() => this.question && void this.draw(this.question)}>Try again</button></div>` : nothing}
          <div class="qtext" ${ref((stage) => (this.stage = stage))}></div>
          ${this.saveLine()}</article></main></div>
      <div class="darkhint" role="status">${this.darkHint()}</div>
      ${this.foot()}
      ${this.session.media.camera ? html`<exam-camera .stream=${this.session.media.camera} .level=${this.session.media.level} .recording=${this.session.media.recording} .looked=${(picture: Picture | null) => this.session.looked(picture)}></exam-camera>` : nothing}
      <p class="vh" role="status">${this.said}</p>
      ${this.handing
        ? html`<exam-hand-in .session=${this.session} .unanswered=${this.unanswered()} .flagged=${[...this.flagged].sort((a, b) => a - b)}
            .close=${() => (this.handing = false)} .goTo=${(number: number) => void this.go(number)} .done=${() => this.handedIn()}></exam-hand-in>`
        : nothing}`;
  }

  /** A device that is lost while the exam is still visible: for its grace, or for good where nothing is hidden. */
  private lostDevice(): TemplateResult | typeof nothing {
    const { lost } = this.session.media;
    if (!lost) return nothing;
    const device = DEVICES[lost.what];
    const grace_s = this.session.graceLeft();
    return html`<div class="note attention lostdev" role="alert">${ic("video-off")}<p><b>Your ${device} was lost.</b> Go on answering and bring it back${grace_s === null ? "; it is written to the log." : html`: <span aria-hidden="true">the exam is hidden in ${countdown(grace_s)}.</span><span class="vh">the exam is hidden 20 seconds after the loss.</span>`}</p>
      <button class="btn sm" @click=${() => void this.bringBack()}>${lost.what === "screen" ? "Share my screen" : `Use my ${device}`} again</button></div>`;
  }

  /** R-2.19. It takes its own line beside the camera's picture, so that nothing of the question is under it. */
  private darkHint(): TemplateResult | typeof nothing {
    const { dark } = this.session;
    if (!dark.shown) return nothing;
    return html`<div class="note attention">${ic("lightbulb")}<p><b>We cannot see your face well.</b> The picture is dark: turn on a light, or turn towards one.${dark.promises ? " For the next minute nothing is marked because of it." : nothing}</p>
      <button class="btn sm quiet" @click=${() => this.dismissHint()}>Close</button></div>`;
  }

  private dismissHint(): void {
    this.session.dark.dismiss();
    this.requestUpdate();
  }

  private async bringBack(): Promise<void> {
    try {
      await this.session.media.restore();
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
    }
  }

  private bar(): TemplateResult {
    const { session } = this;
    const left = session.timeLeft();
    const unread = session.inbox.messages.length;
    const parts = [session.policy.record.video && "camera", session.policy.record.audio && "sound", session.policy.record.screen && "screen"].filter(Boolean);
    return html`<header class="bar cbar ebar"><span class="brand">${mark}</span><span class="ctitle">${session.facts.title}</span>
      <div class="timer" role="timer" aria-label=${left === null ? "No time limit" : `Time left ${spoken(left)}`}>${ic("clock")}
        ${this.hidesTime ? html`<span class="tl">Time hidden</span>` : html`<span class="tv">${left === null ? "–" : countdown(left)}</span><span class="hm tl">left</span>`}
        <button class="btn ico sm quiet bar-btn" aria-label=${this.hidesTime ? "Show the time" : "Hide the time"} @click=${() => this.toggleTime()}>${ic(this.hidesTime ? "eye-off" : "eye")}</button></div>
      <div class="tools">
        ${parts.length ? html`<span class="row nw hm">${session.media.recording ? html`<span class="rec"></span>Recording ${parts.join(", ")}` : html`${ic("video-off")}Not recording`}</span>` : nothing}
        ${unread ? html`<button class="btn sm quiet bar-btn" popovertarget="exam-messages">${ic("message-circle")}<span class="hmt">Messages</span> <span class="count acc">${unread}</span></button>` : nothing}
        <button class="btn sm quiet bar-btn hm" popovertarget="exam-help">${ic("life-buoy")}Help</button></div>
      <div class="menu ehelp" id="exam-help" popover><p class="title">Help</p><p>${session.facts.support_contact || "Ask your invigilator."}</p><p>Exam code <b class="code">${session.facts.exam_code}</b>, your code <b class="code">${session.facts.code}</b></p>
        <dl class="keys"><dt><kbd>Alt</kbd>+<kbd>→</kbd></dt><dd>Next question</dd><dt><kbd>Alt</kbd>+<kbd>←</kbd></dt><dd>Previous question</dd><dt><kbd>Alt</kbd>+<kbd>F</kbd></dt><dd>Flag this question</dd></dl></div>
      <div class="menu ehelp" id="exam-messages" popover><p class="title">Messages</p>${session.inbox.messages.map((one) => html`<p><b>${one.from}</b> <span class="muted">${clock(new Date(one.at))}</span><br />${one.body}</p>`)}</div></header>`;
  }

  private toggleTime(): void {
    this.hidesTime = !this.hidesTime;
    localStorage.setItem(HIDES_TIME, this.hidesTime ? "1" : "0");
  }

  private navigator(): TemplateResult {
    const { questions, saves } = this.session;
    const answered = saves?.counts().answered ?? 0;
    const words = `${answered} of ${questions.length} answered`;
    return html`<nav class="qnav" aria-label="Questions"><p class="row between"><span class="strong">Questions</span><span class="sm muted">${words}</span></p>
      <progress max=${questions.length} .value=${answered} aria-label=${words}></progress>
      <ol class="qs">${questions.map((one) => this.number(one))}</ol>
      <ul class="legend sm muted"><li><span class="q saved k"></span>Answered and saved</li><li><span class="q device k">${ic("hard-drive", "", "qd")}</span>Kept on this device</li><li><span class="q seen k"></span>Seen</li><li><span class="q k">${ic("flag", "", "qf")}</span>Flagged by you</li></ul></nav>`;
  }

  private number(one: Question): TemplateResult {
    const item = this.session.saves?.of(one.item_id);
    const answered = item !== undefined && !isEmpty(item.response);
    const here = one.number === this.session.current;
    const onDevice = item?.state === "device" || item?.state === "rejected";
    const look = answered ? (onDevice ? "device" : "saved") : onDevice ? "device" : this.seen.has(one.number) ? "seen" : "";
    const words = [
      answered ? (onDevice ? "answered, kept on this device" : "answered, saved") : this.seen.has(one.number) ? "seen, not answered" : "not seen",
      this.flagged.has(one.number) ? "flagged" : "",
      here ? "current question" : "",
    ].filter(Boolean);
    return html`<li><button type="button" class="q ${look} ${here ? "now" : ""}" aria-current=${here ? "true" : nothing} aria-label="Question ${one.number}, ${words.join(", ")}" @click=${() => void this.go(one.number)}>${one.number}${
      look === "device" && !here ? ic("hard-drive", "", "qd") : nothing
    }${this.flagged.has(one.number) ? ic("flag", "", "qf") : nothing}</button></li>`;
  }

  private saveLine(): TemplateResult {
    const { question } = this;
    const item = question ? this.session.saves?.of(question.item_id) : undefined;
    if (!question || !item) return html`<p class="savedline"></p>`;
    const clear = isEmpty(item.response) || !question.kind.endsWith("choice") ? nothing : html`<button class="btn sm quiet" @click=${() => this.clear(question)}>Clear my answer</button>`;
    return html`<p class="savedline row" role="status">${this.saveWords(item)}${clear}</p>
      ${this.session.saves?.failing ? html`<div class="note offline savefail">${ic("cloud-off")}<p><b>Your answers could not be sent yet.</b> They are kept on this device and sent as soon as possible. Go on answering.</p></div>` : nothing}
      ${this.recordingNote()}
      ${this.session.unsafe ? html`<div class="note stopped" role="alert">${ic("octagon-x")}<p><b>This computer’s storage is full.</b> Keep this page open until your answers are saved on the server.</p></div>` : nothing}`;
  }

  private recordingNote(): TemplateResult | typeof nothing {
    const { trouble } = this.session.media;
    if (trouble === null || this.session.reconnectSeconds() !== null) return nothing; // that has its own words
    const [title, text] = RECORDING_NOTES[trouble];
    return html`<div class="note offline savefail" role="status">${ic("cloud-off")}<p><b>${title}</b> ${text}</p></div>`;
  }

  private saveWords(item: { state: string; saved_at: string | null; message: string }): TemplateResult {
    if (item.state === "saved") {
      return html`<span class="ok ink">${ic("cloud-check")}</span> Saved ${item.saved_at ? clock(new Date(item.saved_at)) : ""} <span class="muted">· you can change it until you hand in</span>`;
    }
    if (item.state === "device") return html`<span class="offline ink">${ic("hard-drive")}</span> Kept on this device <span class="muted">· being sent</span>`;
    if (item.state === "rejected") return html`<span class="attention ink">${ic("triangle-alert")}</span> ${item.message}`;
    return html`<span class="muted">Not answered yet</span>`;
  }

  private foot(): TemplateResult {
    const { session } = this;
    const counts = session.saves?.counts() ?? { saved: 0, device: 0 };
    const flagged = this.flagged.has(session.current);
    const last = session.current >= session.questions.length;
    return html`<footer class="efoot"><span class="row nw state">${this.connection()}<span class="sm muted hm">${counts.saved} saved${counts.device ? `, ${counts.device} being sent` : ""}</span></span>
      <span class="row nw"><button class="btn" aria-disabled=${session.current <= 1} @click=${() => void this.go(session.current - 1)}>${ic("arrow-left", "", "flip")}<span class="hmt">Previous</span></button>
        <button class="btn" aria-pressed=${flagged} @click=${() => this.flag()}>${ic("flag")}Flag</button>
        ${last
          ? html`<button class="btn primary" @click=${() => this.openHandIn()}>Hand in…${ic("send-horizontal", "", "flip")}</button>`
          : html`<button class="btn primary" @click=${() => void this.go(session.current + 1)}>Next${ic("arrow-right", "", "flip")}</button>`}</span>
      <span class="row nw hand">${last ? nothing : html`<button class="btn quiet" @click=${() => this.openHandIn()}>${ic("send-horizontal", "", "flip")}Hand in…</button>`}</span></footer>`;
  }

  private connection(): TemplateResult {
    const seconds = this.session.reconnectSeconds();
    if (seconds === null) return html`<span class="st ok">${ic("wifi")}Connected</span>`;
    return html`<span class="st offline">${ic("wifi-off")}Reconnecting ${countdown(seconds)}</span>`;
  }
}

function points(score: number): string {
  return `${score} ${score === 1 ? "point" : "points"}`;
}
