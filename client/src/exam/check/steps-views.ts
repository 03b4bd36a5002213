/** C5 and C6: the agreement with its two ways out, and the page from which the exam is started. */

import { type TemplateResult, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import { DoorError, PageDoor } from "../door";
import type { StartFacts } from "../facts";
import { Light, attach, ic } from "../parts";
import type { ExamSession } from "../session";
import { spoken } from "../timer";

@customElement("exam-agreement")
export class ExamAgreement extends Light {
  @property({ attribute: false }) facts!: StartFacts;
  @property({ attribute: false }) accepted!: (to_do: string[]) => Promise<void>;
  @property({ attribute: false }) declined!: () => void;
  @state() private agrees = false;
  @state() private typed = "";
  @state() private trouble = "";
  @state() private asking = false;
  @state() private sending = false;

  private async send(accepted: boolean): Promise<void> {
    const { sha256 } = this.facts.agreement;
    const body = { accepted, sha256, typed_name: accepted ? this.typed : "" };
    if (this.sending) return;
    this.trouble = "";
    this.sending = true;
    try {
      const reply = await new PageDoor().post<{ to_do: string[] }>(this.facts.urls.agreement, body);
      if (accepted) await this.accepted(reply.to_do);
      else this.declined();
    } catch (error) {
      if (!(error instanceof DoorError)) throw error;
      this.trouble = error.fields.typed_name ?? error.message;
    } finally {
      this.sending = false;
    }
  }

  private get ready(): boolean {
    return this.agrees && /\p{L}/u.test(this.typed);
  }

  private get why(): string {
    if (this.sending) return "One moment, this is being sent.";
    return this.ready ? "" : "Tick the box and type your name to go on.";
  }

  override render(): TemplateResult {
    const { title, paragraphs, version, download } = this.facts.agreement;
    return html`<div class="chead"><h1>${title}</h1><p class="muted">Version ${version}. <a href=${download} download>Save it as text</a></p></div>
      <div class="read">${paragraphs.map((paragraph) => html`<p>${paragraph}</p>`)}</div>
      <div class="stack read agree">
        <label class="consent"><input type="checkbox" .checked=${this.agrees} @change=${(event: Event) => (this.agrees = (event.target as HTMLInputElement).checked)} /><span>I have read this and agree.</span></label>
        <div class="field"><label for="typed-name">Your name</label>
          <input class="input" id="typed-name" autocomplete="name" maxlength="200" aria-describedby="typed-help" .value=${this.typed} @input=${(event: Event) => (this.typed = (event.target as HTMLInputElement).value)} />
          <p class="help" id="typed-help">Type your name as your signature. The exam knows you as ${this.facts.candidate}.</p></div>
        ${this.trouble ? html`<p class="err" role="alert">${ic("triangle-alert")}${this.trouble}</p>` : nothing}</div>
      ${this.asking ? this.decline() : nothing}
      <footer class="cfoot"><div><span class="muted" id="agree-why" role="status">${this.why}</span>
        <span class="row nw"><button class="btn quiet" @click=${() => (this.asking = true)}>Decline…</button>
          <button class="btn primary lg" aria-describedby="agree-why" aria-disabled=${!this.ready || this.sending} @click=${() => this.ready && void this.send(true)}>Accept</button></span></div></footer>`;
  }

  private decline(): TemplateResult {
    return html`<dialog class="dialog" aria-labelledby="decline-title"><header>${ic("octagon-x")}<h2 id="decline-title">Decline the agreement?</h2></header>
      <div class="in"><p>The exam then does not start, nothing is recorded, and your invigilators are told. Your exam office can offer you another way to take it.</p></div>
      <footer><button class="btn" autofocus @click=${() => (this.asking = false)}>Go back</button>
        <button class="btn grave" @click=${() => void this.send(false)}>Decline</button></footer></dialog>`;
  }

  override updated(): void {
    const dialog = this.querySelector("dialog");
    if (dialog && !dialog.open) {
      dialog.showModal();
      dialog.addEventListener("close", () => (this.asking = false), { once: true });
    }
  }
}

const TRACK_WORDS = { webcam: "Camera", screen: "Screen" } as const;

@customElement("exam-ready")
export class ExamReady extends Light {
  @property({ attribute: false }) session!: ExamSession;
  @property({ attribute: false }) begin!: () => Promise<void>;
  @property({ type: Number }) tick = 0;
  @state() private trouble = "";
  @state() private starting = false;

  override updated(): void {
    attach(this, "video", this.session.media.camera);
  }

  private get ready(): boolean {
    return this.session.media.allConfirmed && this.session.media.lost === null && !this.starting;
  }

  private async press(): Promise<void> {
    if (!this.ready) return;
    this.starting = true;
    this.trouble = "";
    try {
      await this.begin();
    } catch (error) {
      if (!(error instanceof DoorError)) throw error;
      this.trouble = error.message;
    } finally {
      this.starting = false;
    }
  }

  override render(): TemplateResult {
    const { facts, media, policy, questions } = this.session;
    return html`<div class="chead"><h1>Ready to start</h1><p class="muted">Your time begins when you press Start.</p></div>
      <div class="two"><section class="panel" aria-labelledby="ready-title"><header><h2 id="ready-title">${facts.title}</h2></header>
        <ul class="cks">
          ${fact("clock", "Time", spoken(facts.duration_s), "ok")}
          ${fact("list-checks", "Questions", String(questions.length), "ok")}
          ${policy.lock.full_screen === "off" ? nothing : fact("maximize", "Full screen", "The exam opens in full screen when you press Start.", "ok")}
          ${facts.required_tracks.map((track) => this.track(track))}
        </ul>
        ${this.trouble ? html`<p class="in err" role="alert">${ic("triangle-alert")}${this.trouble}</p>` : nothing}</section>
        ${media.camera ? html`<aside class="panel cam" aria-label="Camera"><div class="video v43"><video muted autoplay playsinline aria-label="Your camera picture"></video><span class="plate ts"><span class="rec"></span>Recording</span></div></aside>` : nothing}</div>
      <footer class="cfoot"><div><span class="muted" id="start-why" aria-live="polite">${this.why()}</span>
        <span class="row nw"><button class="btn primary lg" aria-describedby="start-why" aria-disabled=${!this.ready} @click=${() => void this.press()}>${ic("play")}Start assessment</button></span></div></footer>`;
  }

  private track(track: "webcam" | "screen"): TemplateResult {
    const word = track === "webcam" && this.session.facts.sound ? "Camera and sound" : TRACK_WORDS[track];
    const confirmed = this.session.media.confirmed.has(track);
    return confirmed
      ? fact("circle-check", word, "Recording confirmed by the exam server.", "ok")
      : fact("loader", word, "Waiting until the exam server has the first piece.", "attention");
  }

  private why(): string {
    const { media } = this.session;
    if (media.lost) return "A device was lost. Share it again to go on.";
    if (!media.allConfirmed) return "The recording is being confirmed.";
    return this.starting ? "Starting." : "Everything is ready.";
  }
}

function fact(icon: string, title: string, text: string, tone: string): TemplateResult {
  return html`<li class="ck ${tone}"><span class="ckico ink">${ic(icon)}</span><div class="grow"><p class="strong">${title}</p><p class="muted ckt">${text}</p></div></li>`;
}

/** After a reload or a crash: the devices and the screen again, nothing else (product.md §2.5). */
@customElement("exam-resume")
export class ExamResume extends Light {
  @property({ attribute: false }) session!: ExamSession;
  @property({ attribute: false }) resumed!: () => void;
  @state() private trouble = "";

  private async share(): Promise<void> {
    const { media, facts } = this.session;
    this.trouble = "";
    try {
      if (media.needs("screen") && !media.screen) await media.takeScreen();
      if (media.needs("webcam") && !media.camera) await media.takeCamera();
      media.recordAll("client_crash");
      if (facts.required_tracks.length === 0 || media.ready) this.resumed();
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
    }
  }

  override render(): TemplateResult {
    const counts = this.session.saves?.counts() ?? { answered: 0, saved: 0, device: 0 };
    return html`<div class="chead"><h1>Go on with your exam</h1>
        <p class="muted">Your answers are safe: ${counts.saved} on the server${counts.device ? `, ${counts.device} on this device` : ""}. Share your camera and your whole screen again. The clock runs on.</p></div>
      ${this.trouble ? html`<p class="err" role="alert">${ic("triangle-alert")}${this.trouble}</p>` : nothing}
      <p><button class="btn primary lg" autofocus @click=${() => void this.share()}>${ic("rotate-cw")}Share and go on</button></p>`;
  }
}
