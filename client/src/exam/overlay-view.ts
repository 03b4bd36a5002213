/** C8: what covers the exam. Its own opaque page, announced, one filled button with the focus. */

import { type PropertyValues, type TemplateResult, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import { clock, countdown } from "../base/look";
import type { Warned } from "./holds";
import { type Overlay, mayReturn } from "./overlay";
import { DEVICES, Light, ic } from "./parts";
import type { ExamSession } from "./session";
import { countdownSaid, spoken } from "./timer";

const RING = 440; // circumference of the ring: 2 π 70

interface Words {
  title: string;
  text: string;
  facts: (string | TemplateResult)[][];
  action: TemplateResult | null;
}

@customElement("exam-overlay")
export class ExamOverlay extends Light {
  @property({ attribute: false }) session!: ExamSession;
  @property({ attribute: false }) overlay!: Overlay;
  @property({ attribute: false }) checkIn!: () => void;
  @property({ attribute: false }) handIn!: () => Promise<void>;
  @property({ type: Number }) tick = 0;
  @state() private trouble = "";

  override firstUpdated(): void {
    this.focusFirst();
  }

  override updated(changed: PropertyValues<this>): void {
    const before = changed.get("overlay") as Overlay | undefined;
    if (before && before.kind !== this.overlay.kind) {
      this.trouble = "";
      this.focusFirst();
    }
  }

  private focusFirst(): void {
    (this.querySelector<HTMLElement>(".btn.primary") ?? this.querySelector<HTMLElement>("h1"))?.focus();
  }

  private async attempt(act: () => Promise<unknown>): Promise<void> {
    this.trouble = "";
    try {
      await act();
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
    }
  }

  override render(): TemplateResult {
    const words = this.words();
    const seconds = "seconds" in this.overlay ? this.overlay.seconds : null;
    const { support_contact, exam_code } = this.session.facts;
    return html`<div class="cover"><section class="alertd" role="alertdialog" aria-modal="true" aria-labelledby="ot" aria-describedby="od">
      ${seconds === null ? html`<span class="oico">${ic(this.icon())}</span>` : this.ring(seconds)}
      <h1 id="ot" tabindex="-1">${words.title}</h1><p id="od">${words.text}</p>
      ${words.facts.length ? html`<ul class="safe">${words.facts.map(([icon, ...text]) => html`<li><span class=${icon === "clock" || icon === "video-off" ? "muted" : "ok ink"}>${ic(String(icon))}</span><span>${text}</span></li>`)}</ul>` : nothing}
      ${this.overlay.kind === "reconnecting"
        ? html`<details class="fix"><summary>What you can try meanwhile</summary><ul><li>Move closer to the router, or plug in a cable.</li><li>Share your phone’s connection with this computer.</li></ul></details>`
        : nothing}
      ${this.trouble ? html`<p class="err" role="alert">${ic("triangle-alert")}${this.trouble}</p>` : nothing}
      <p class="row oacts">${words.action}<span class="muted">${support_contact ? html`Help: <b>${support_contact}</b>, ` : nothing}exam code <b class="code nowrap">${exam_code}</b></span></p>
    </section></div>`;
  }

  private icon(): string {
    const icons: Record<Overlay["kind"], string> = {
      voided: "ban",
      ended: "circle-check-big",
      elsewhere: "monitor-smartphone",
      stopped: "octagon-x",
      paused: "circle-pause",
      reconnecting: "wifi-off",
      device_lost: "video-off",
      display: "monitor-smartphone",
      full_screen: "maximize",
      warning: "triangle-alert",
      message: "message-circle",
    };
    return icons[this.overlay.kind];
  }

  private ring(seconds: number): TemplateResult {
    const whole = this.overlay.kind === "reconnecting" ? this.session.policy.conn.reconnect_window_s : Math.max(seconds, 15);
    const dash = `${((RING * Math.min(seconds, whole)) / whole).toFixed(1)} ${RING}`;
    return html`<svg class="ring" viewBox="0 0 160 160" aria-hidden="true"><circle cx="80" cy="80" r="70" class="rt"></circle>${
        seconds > 0 ? html`<svg><circle cx="80" cy="80" r="70" class="rv" stroke-dasharray=${dash} transform="rotate(-90 80 80)"></circle></svg>` : nothing
      }</svg>
      <p class="rtext" role="timer" aria-label="${spoken(seconds)} left"><span>${countdown(seconds)}</span></p>
      <p class="vh" role="status">${countdownSaid(seconds) ? `${spoken(seconds)} left` : ""}</p>`;
  }

  private kept(): (string | TemplateResult)[] {
    const { answered, saved, device } = this.session.saves?.counts() ?? { answered: 0, saved: 0, device: 0 };
    return ["circle-check", html`<b>Your answers are safe.</b> ${answered} ${answered === 1 ? "answer" : "answers"}: ${saved} on the server, ${device} on this device.`];
  }

  private words(): Words {
    const overlay = this.overlay;
    switch (overlay.kind) {
      case "reconnecting":
        return this.reconnecting(overlay);
      case "paused":
        return this.paused(overlay.reason);
      case "stopped":
        return this.stopped(overlay);
      case "device_lost":
        return this.deviceLost(overlay);
      case "display":
        return this.secondDisplay();
      case "full_screen":
        return this.fullScreen(overlay.seconds);
      case "warning":
        return this.warning(overlay.cause);
      case "message":
        return this.message(overlay);
      default:
        return this.final(overlay);
    }
  }

  private reconnecting(overlay: { seconds: number; lost_at_ms: number }): Words {
    const after = {
      stop: "the exam stops and you check in again.",
      pause: "the exam is paused.",
      continue_flagged: "you can still go on; it is written to the log.",
    }[this.session.policy.conn.on_window_expired];
    return {
      title: "Reconnecting you",
      text: `The connection to the exam was lost at ${clock(new Date(overlay.lost_at_ms))}. We keep trying. You don’t have to do anything.`,
      facts: [
        this.kept(),
        ["circle-check", html`<b>Recording goes on</b> on this device and is sent later.`],
        ["clock", html`<b>If it takes longer than ${countdown(overlay.seconds)},</b> ${after ?? "the exam stops."} Your answers stay.`],
      ],
      action: html`<button class="btn primary lg" @click=${() => this.session.rouse()}>${ic("rotate-cw")}Try now</button>`,
    };
  }

  private paused(reason: string): Words {
    const { lost } = this.session.media;
    return {
      title: "Your exam is paused",
      text: reason || `An invigilator has paused it. ${lost ? "" : "You don’t have to do anything."}`,
      facts: [
        this.kept(),
        ["clock", html`<b>Your time stands still</b> until the exam goes on. Stay on this page.`],
        ...(lost ? [["video-off", html`<b>Your ${DEVICES[lost.what]} is not recorded.</b> The exam can only go on when it is again.`]] : []),
      ],
      action: lost ? this.useAgain(lost.what) : null,
    };
  }

  private stopped({ reason, end_reason }: { reason: string; end_reason: string }): Words {
    const own = mayReturn(this.session.policy.lock.prevent_reentry, end_reason);
    const left = this.session.timeLeft();
    return {
      title: "Your exam was stopped",
      text: reason || "The connection was lost for too long.",
      facts: [
        this.kept(),
        ["clock", left === null ? "The clock runs on." : html`<b>${spoken(left)} left.</b> The clock runs on.`],
        ["life-buoy", own ? html`You can check in again: the system check, then the exam goes on.` : html`<b>Ask the invigilator.</b> Only they can let you back in; stay on this page.`],
      ],
      action: html`${own ? html`<button class="btn primary lg" @click=${() => this.checkIn()}>${ic("rotate-cw")}Check in again</button>` : nothing}
        <button class="btn lg" @click=${() => void this.attempt(() => this.handIn())}>${ic("send-horizontal", "", "flip")}Hand in what I have</button>`,
    };
  }

  private deviceLost({ what, cause }: { what: keyof typeof DEVICES; cause: string }): Words {
    const device = DEVICES[what];
    const left = this.session.timeLeft();
    const why = cause === "permission_revoked" ? "It is no longer allowed." : "It no longer sends anything.";
    return {
      title: `Your ${device} was lost`,
      text: what === "screen" ? "Your screen is no longer shared. Choose your whole screen again." : `${why} Plug it in or allow it, then press the button.`,
      facts: [this.kept(), ["clock", html`${left === null ? nothing : html`<b>${spoken(left)} left.</b> `}The exam goes on as soon as it is recorded again. ${this.givenBack()}`]],
      action: this.useAgain(what),
    };
  }

  private useAgain(what: keyof typeof DEVICES): TemplateResult {
    const words = what === "screen" ? "Share my screen" : `Use my ${DEVICES[what]}`;
    return html`<button class="btn primary lg" @click=${() => void this.attempt(() => this.session.media.restore())}>${ic("rotate-cw")}${words} again</button>`;
  }

  /** How much of the time a lost device costs comes back (product.md §8.6). */
  private givenBack(): string {
    if (this.session.policy.record.on_track_loss !== "hold") return "The clock runs on.";
    const left_s = this.session.creditLeft();
    return left_s > 0 ? `Up to ${spoken(left_s)} of this are given back to you.` : "The clock runs on: no more time can be given back.";
  }

  private secondDisplay(): Words {
    return {
      title: "Your computer reports two screens",
      text: "This exam is taken on one. Disconnect the second one, or switch it off in the settings of your computer.",
      facts: [this.kept(), ["clock", html`<b>The clock runs on.</b> The exam goes on as soon as there is one screen.`]],
      action: null,
    };
  }

  private warning(cause: Warned): Words {
    const what = { full_screen: "Full screen was left for longer than this exam allows.", display: "A second screen was connected." };
    return {
      title: "The exam was hidden",
      text: `${what[cause]} It is written to the log, where people look at it. The exam goes on when you press the button.`,
      facts: [this.kept()],
      action: html`<button class="btn primary lg" @click=${() => this.session.acknowledge(cause)}>${ic("check")}I have read this, go on</button>`,
    };
  }

  private fullScreen(seconds: number): Words {
    const after = { pause: "the exam is paused.", stop: "the exam stops." }[this.session.policy.lock.full_screen_action];
    const outside = seconds > 0 && after ? ` If you stay outside until the time is over, ${after}` : "";
    return {
      title: "Return to full screen",
      text: seconds > 0 ? `This exam is taken in full screen.${outside}` : "This exam is taken in full screen. The time allowed outside is used up, and this is written to the log.",
      facts: [this.kept()],
      action: html`<button class="btn primary lg" @click=${() => void this.attempt(() => document.documentElement.requestFullscreen())}>${ic("maximize")}Return to full screen</button>`,
    };
  }

  private message({ id, from, body }: { id: string; from: string; body: string }): Words {
    return {
      title: `Message from ${from}`,
      text: body,
      facts: [],
      action: html`<button class="btn primary lg" @click=${() => this.session.read(id)}>${ic("check")}I have read it</button>`,
    };
  }

  private final(overlay: Overlay): Words {
    const { urls } = this.session.facts;
    const back = html`<a class="btn primary lg" href=${urls.exams}>Back to my exams</a>`;
    if (overlay.kind === "elsewhere") {
      return { title: "Continued elsewhere", text: "The exam goes on in another window or on another device. This page can be closed.", facts: [], action: back };
    }
    if (overlay.kind === "voided") {
      return { title: "This attempt was declared void", text: overlay.reason || "Ask your exam office what happens next.", facts: [this.kept()], action: back };
    }
    return { title: "Your exam has ended", text: "Your recording is being sent.", facts: [], action: null };
  }
}
