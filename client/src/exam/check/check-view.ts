/** C3: the system check. What must be mended stands first and open; every line can be tried again without a reload. */

import { type TemplateResult, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import { DoorError, PageDoor } from "../door";
import type { LineName, StartFacts } from "../facts";
import type { Media } from "../media";
import { Light, attach, ic, levelBars } from "../parts";
import * as lines from "./lines";
import type { LineState } from "./lines";
import { SoundMeter } from "./sound";

const ICONS = { running: "loader", waiting: "circle-dashed", pass: "circle-check", warn: "lightbulb", fail: "wrench" };
const WORDS = { running: "Checking", waiting: "To do", pass: "Passed", warn: "Can be better", fail: "To fix" };
const TONES = { running: "neutral", waiting: "attention", pass: "ok", warn: "attention", fail: "attention" };
const ORDER = { fail: 0, waiting: 1, running: 2, pass: 3, warn: 3 };

@customElement("exam-check")
export class ExamCheck extends Light {
  @property({ attribute: false }) facts!: StartFacts;
  @property({ attribute: false }) media!: Media;
  @property({ attribute: false }) done!: (to_do: string[]) => void;
  @property() next = "Continue";
  @state() private states: LineState[] = [];
  @state() private cameras: MediaDeviceInfo[] = [];
  @state() private microphones: MediaDeviceInfo[] = [];
  @state() private trouble = "";
  private meter: SoundMeter | null = null;
  private readonly pages = new PageDoor();
  private readonly system = lines.systemOf(navigator.userAgent);

  override connectedCallback(): void {
    super.connectedCallback();
    this.states = lines.linesFor(this.facts);
    void this.checkAll();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.meter?.close();
  }

  override updated(): void {
    attach(this, "video", this.media.camera);
  }

  private set(line: LineName, to: Omit<LineState, "line">): void {
    this.states = this.states.map((one) => (one.line === line ? { line, ...to } : one));
  }

  private has(line: LineName): boolean {
    return this.facts.lines.includes(line);
  }

  private async checkAll(): Promise<void> {
    await Promise.all(this.facts.lines.filter((line) => line !== "clock").map((line) => this.check(line)));
  }

  private async check(line: LineName): Promise<void> {
    if (line === "microphone" && this.has("camera")) return; // opened together with the camera
    if (line === "clock") line = "connection";
    this.set(line, lines.outcome("running", "Being checked."));
    const late = new Promise<"late">((resolve) => setTimeout(() => resolve("late"), lines.LINE_TIMEOUT_MS));
    try {
      if ((await Promise.race([this.measure(line), late])) === "late") {
        this.set(line, lines.outcome("fail", "No answer within 20 seconds. Choose Check again."));
      }
    } catch (error) {
      this.set(line, lines.deviceTrouble(error, this.system));
    }
  }

  private async measure(line: LineName): Promise<void> {
    if (line === "camera" || line === "microphone") await this.openCamera();
    else if (line === "screen") this.waitForScreen();
    else if (line === "connection") await this.reach();
    else if (line === "browser") this.set(line, lines.checkBrowser(this.facts.required_tracks.length > 0));
    else if (line === "one_display") this.set(line, lines.checkDisplay(this.system));
    else if (line === "full_screen") this.set(line, lines.checkFullScreen());
    else if (line === "storage") this.set(line, await lines.checkStorage(this.facts.free_space_mb));
  }

  private async reach(): Promise<void> {
    const found = await lines.checkConnection(this.pages, this.facts.urls.probe, this.facts.upstream_kbit_s);
    this.set("connection", found.connection);
    this.set("clock", found.clock);
  }

  private waitForScreen(): void {
    const open = this.media.screen?.getVideoTracks()[0]?.readyState === "live";
    this.set("screen", open ? lines.outcome("pass", "You chose the entire screen.", { measured: "monitor", needed: "monitor" }) : WAITING);
  }

  private async shareScreen(): Promise<void> {
    this.set("screen", lines.outcome("running", "Answer the question of your browser."));
    try {
      await this.media.takeScreen();
      this.waitForScreen();
    } catch (error) {
      this.set("screen", lines.deviceTrouble(error, this.system));
    }
  }

  private async openCamera(camera_id = "", microphone_id = ""): Promise<void> {
    try {
      const stream = await this.media.takeCamera(camera_id, microphone_id);
      await this.listDevices();
      this.listen(stream);
      this.requestUpdate();
      await this.updateComplete;
      this.set("camera", await lines.checkCamera(this.media, () => this.querySelector("video")));
    } catch (error) {
      const trouble = lines.deviceTrouble(error, this.system);
      this.set("camera", trouble);
      if (this.has("microphone")) this.set("microphone", { ...trouble, text: "The microphone is opened together with the camera." });
    }
  }

  private listen(stream: MediaStream): void {
    this.meter?.close();
    this.meter = null;
    if (!this.has("microphone")) return;
    if (stream.getAudioTracks().length === 0) {
      this.set("microphone", lines.outcome("fail", "No microphone was found. Connect one and check again."));
      return;
    }
    this.set("microphone", lines.outcome("warn", "Say a few words, so that we can hear you.", { measured: "quiet" }));
    const label = stream.getAudioTracks()[0]?.label ?? "";
    this.meter = new SoundMeter(stream, () => this.heard(label));
  }

  private heard(label: string): void {
    const now = this.states.find((one) => one.line === "microphone");
    if (this.meter?.heard && now?.result !== "pass") {
      this.set("microphone", lines.outcome("pass", `Sound heard. ${label}`.trim(), { measured: "heard" }));
    }
    this.requestUpdate();
  }

  private async listDevices(): Promise<void> {
    const all = await navigator.mediaDevices.enumerateDevices();
    this.cameras = all.filter((device) => device.kind === "videoinput");
    this.microphones = all.filter((device) => device.kind === "audioinput");
  }

  private get blocking(): LineState[] {
    return this.states.filter(({ result }) => result === "fail" || result === "waiting" || result === "running");
  }

  private async proceed(): Promise<void> {
    if (this.blocking.length > 0) return;
    this.trouble = "";
    try {
      const reply = await this.pages.post<{ to_do: string[]; passed: boolean }>(this.facts.urls.check, lines.report(this.states));
      if (reply.passed) this.done(reply.to_do);
      else this.trouble = "The exam server does not accept this check yet. Check all again.";
    } catch (error) {
      if (!(error instanceof DoorError)) throw error;
      this.trouble = error.message;
    }
  }

  override render(): TemplateResult {
    const ordered = [...this.states].sort((a, b) => ORDER[a.result] - ORDER[b.result]);
    return html`<div class="chead"><h1>Let’s check your computer</h1>
        <p class="muted">This takes about two minutes and does not use your exam time. Nothing is recorded yet: the picture and sound stay on this computer.</p></div>
      <div class="two"><section aria-label="Checks" class="panel">
          <header><h2 aria-live="polite">${this.summary()}</h2>
            <button class="btn sm quiet" @click=${() => void this.checkAll()}>${ic("rotate-cw")}Check all again</button></header>
          <ul class="cks">${ordered.map((one) => this.line(one))}</ul></section>
        ${this.has("camera") || this.has("microphone") ? this.picture() : nothing}</div>
      <footer class="cfoot"><div>${this.way()}</div></footer>`;
  }

  private summary(): string {
    const count = (...results: LineState["result"][]): number => this.states.filter(({ result }) => results.includes(result)).length;
    const parts = [`${count("pass")} passed`];
    if (count("warn")) parts.push(`${count("warn")} can be better`);
    if (count("fail", "waiting")) parts.push(`${count("fail", "waiting")} to fix`);
    if (count("running")) parts.push(`${count("running")} being checked`);
    return parts.join(", ");
  }

  private line(one: LineState): TemplateResult {
    const must = one.result === "fail" || one.result === "waiting";
    return html`<li class="ck ${TONES[one.result]} ${must ? "fixme" : ""}" id="ck-${one.line}" tabindex="-1">
      <span class="ckico ink">${ic(ICONS[one.result])}</span>
      <div class="grow"><p class="row between"><span class="strong">${lines.LINE_WORDS[one.line]}</span><span class="ink sm nowrap ckw">${WORDS[one.result]}</span></p>
        <p class="muted ckt">${one.text}</p>
        ${must ? this.mend(one) : nothing}</div></li>`;
  }

  private mend(one: LineState): TemplateResult {
    const share = one.line === "screen";
    const again = share
      ? html`<button class="btn sm" @click=${() => void this.shareScreen()}>${ic("monitor")}Share my screen</button>`
      : html`<button class="btn sm" @click=${() => void this.check(one.line)}>${ic("rotate-cw")}Check again</button>`;
    if (one.fix.length === 0) return html`<p class="row ckdo">${again}</p>`;
    return html`<details class="fix" open><summary>How to fix on ${this.system}</summary>
      <ol>${one.fix.map((step) => html`<li>${step}</li>`)}</ol><p class="row">${again}</p></details>`;
  }

  private picture(): TemplateResult {
    const choose = (): void => {
      const id = (name: string): string => this.querySelector<HTMLSelectElement>(name)?.value ?? "";
      void this.openCamera(id("#camera-choice"), id("#microphone-choice"));
    };
    return html`<aside class="stack" aria-label="Camera and microphone"><section class="panel cam">
      <div class="video v43"><video muted autoplay playsinline aria-label="Your camera picture"></video></div>
      <div class="in stack">
        ${picker("camera-choice", "Camera", this.cameras, this.media.camera?.getVideoTracks()[0]?.label, choose)}
        ${this.has("microphone") ? picker("microphone-choice", "Microphone", this.microphones, this.media.camera?.getAudioTracks()[0]?.label, choose) : nothing}
        ${this.has("microphone")
          ? html`<div><div class="row between"><span class="label">Level</span>${this.meter?.heard
                ? html`<span class="sm ok ink">${ic("mic")} Speech heard</span>`
                : html`<span class="sm muted">Say a few words</span>`}</div>${levelBars(this.meter?.level ?? 0, 30, 14)}</div>`
          : nothing}
      </div></section></aside>`;
  }

  private way(): TemplateResult {
    const blocked = this.blocking;
    const words = blocked.some(({ result }) => result !== "running")
      ? html`<span class="row attention"><span class="ink">${ic("wrench")}</span><span id="why">Fix ${blocked.length} ${blocked.length === 1 ? "item" : "items"} to continue: ${blocked.map(
          (one, index) => html`${index ? ", " : ""}<a href="#ck-${one.line}">${lines.LINE_WORDS[one.line]}</a>`,
        )}</span></span>`
      : html`<span id="why" class="muted">${blocked.length ? "The checks are running." : this.trouble || "All that this exam needs is there."}</span>`;
    return html`${words}<span class="row nw"><button class="btn primary lg" aria-describedby="why" aria-disabled=${blocked.length > 0} @click=${() => void this.proceed()}>${this.next}</button></span>`;
  }
}

const WAITING = lines.outcome("waiting", "Choose your entire screen in the question of your browser. A window or a tab is not enough.");

function picker(id: string, label: string, devices: MediaDeviceInfo[], chosen: string | undefined, choose: () => void): TemplateResult {
  return html`<div class="field"><label for=${id}>${label}</label><select class="input" id=${id} @change=${choose}>
    ${devices.map((device) => html`<option value=${device.deviceId} ?selected=${device.label === chosen}>${device.label || label}</option>`)}
  </select></div>`;
}
