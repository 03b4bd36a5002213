/** The row of controls under the pictures. */

import { html, type TemplateResult } from "lit";

import { countdown } from "../base/look";
import { lucide } from "./icon";
import type { Session } from "./session";
import { timeOf } from "./timeline";

export const SPEEDS = [0.5, 1, 1.5, 2, 4, 8, 16];

export interface TransportView {
  session: Session;
  at_ms: number;
  playing: boolean;
  rate: number;
  skipCalm: boolean;
  sound: boolean;
  hasPrevious: boolean;
  hasNext: boolean;
  act: (act: Act) => void;
  setRate: (rate: number) => void;
}

export type Act = "toggle" | "previous" | "next" | "frame_back" | "frame_on" | "skip_calm" | "sound";

export function transport(view: TransportView): TemplateResult {
  const { session, act } = view;
  const button = (what: Act, icon: string, name: string, off = false, primary = false): TemplateResult =>
    html`<button class=${primary ? "btn ico primary" : "btn ico"} aria-label=${name} title=${name} aria-disabled=${off ? "true" : "false"} @click=${() => !off && act(what)}>${lucide(icon)}</button>`;
  return html`<div class="trans">
    ${button("toggle", view.playing ? "pause" : "play", view.playing ? "Pause" : "Play", false, true)}
    ${button("previous", "skip-back", "Previous incident", !view.hasPrevious)}
    ${button("frame_back", "step-back", "Back one frame")} ${button("frame_on", "step-forward", "Forward one frame")}
    ${button("next", "skip-forward", "Next incident", !view.hasNext)}
    <span class="clock"><b data-clock>${timeOf(session, view.at_ms)}</b> <span class="muted">${countdown(view.at_ms / 1000)} of ${countdown(session.duration_ms / 1000)}</span></span>
    <span class="grow"></span>
    <button class="btn sm" aria-pressed=${view.skipCalm ? "true" : "false"} @click=${() => act("skip_calm")}>${lucide("fast-forward")}Skip calm parts</button>
    <label class="vh" for="speed">Speed</label><select class="input sm w" id="speed" @change=${(event: Event) => view.setRate(Number((event.target as HTMLSelectElement).value))}>${SPEEDS.map((speed) => html`<option value=${speed} ?selected=${speed === view.rate}>${speed}×</option>`)}</select>
    <button class="btn ico" aria-label="Sound" title=${view.sound ? "Sound is on" : "Sound is off"} aria-pressed=${view.sound ? "true" : "false"} @click=${() => act("sound")}>${lucide("volume-2")}</button>
  </div>`;
}
