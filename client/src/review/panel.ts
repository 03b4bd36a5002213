/** One incident: what, when, pictures, why it was marked, and the question to the reviewer; then the list of the next. */

import { html, nothing, type TemplateResult } from "lit";

import { families, incidentSigns } from "../base/look";
import { lucide } from "./icon";
import { length } from "./line";
import { plot } from "./plot";
import type { Incident, Session, Still, Verdict } from "./session";
import { timeOf } from "./timeline";

export interface PanelView {
  session: Session;
  incident: Incident | null;
  at_ms: number;
  dismissing: boolean;
  busy: boolean;
  /** What the last verdict met: a refusal in words, or what was kept. */
  said: string;
  refused: boolean;
  seek: (at_ms: number) => void;
  choose: (incident: Incident) => void;
  next: () => void;
  say: (verdict: Verdict["verdict"], reason?: string) => void;
  dismiss: (open: boolean) => void;
}

const SHOWN_NEXT = 6;

export function panel(view: PanelView): TemplateResult {
  return html`${view.incident ? one(view, view.incident) : none(view)} ${nexts(view)}`;
}

function none({ session }: PanelView): TemplateResult {
  const words = session.incidents.length ? "Choose an incident in the timeline or the list, or press N." : session.finished ? "Nothing was marked in this session." : "Nothing has been marked so far.";
  return html`<section class="panel"><header><h2>Incident</h2></header><div class="in"><p class="sm">${words}</p></div></section>`;
}

function one(view: PanelView, incident: Incident): TemplateResult {
  const { session } = view;
  const family = families[incident.family];
  const moment = incident.end_ms <= incident.start_ms;
  const when = moment ? timeOf(session, incident.start_ms) : `${timeOf(session, incident.start_ms)} to ${timeOf(session, incident.end_ms)}`;
  const lasted = moment ? "" : `${length(incident.end_ms - incident.start_ms)}${incident.open_ended ? " so far" : ""} · `;
  return html`<section class="panel ${family?.css ?? ""} inpan" data-panel=${incident.id}>
    <header><h2 class="fam">${lucide(family?.icon ?? "flag", "fico")}${incident.label}</h2><span class="sm muted">${session.incidents.indexOf(incident) + 1} of ${session.incidents.length}</span></header>
    <div class="in stack s">
      <p class="row between"><span class="strong">${when}</span><span class="sm muted">${lasted}severity ${incident.severity} of 3</span></p>
      ${stills(view, incident)}
      <h3>Why it was marked</h3>
      <p class="sm">${incident.explanation}</p>
      ${incident.plot.length ? measured(session, incident, view.at_ms) : nothing}
      ${figures(incident)}
      <h3>What this does not show</h3>
      <p class="sm">${incident.not_shown}</p>
      ${versions(session, incident)}
      ${history(session, incident)}
    </div>
    ${session.may_decide ? question(view, incident) : nothing}
  </section>`;
}

function stills(view: PanelView, incident: Incident): TemplateResult | typeof nothing {
  if (!incident.stills.length) return html`<p class="sm muted">No picture was recorded at this moment.</p>`;
  const shown = (still: Still): TemplateResult => {
    const name = `${still.track === "webcam" ? "Camera" : "Screen"}, ${still.label}, ${timeOf(view.session, still.offset_ms)}`;
    const on = Math.abs(view.at_ms - still.offset_ms) < 1_000;
    return html`<button class=${on ? "video on" : "video"} @click=${() => view.seek(still.offset_ms)} title=${`Go to ${name}`}><img src=${still.url} alt=${name}><span class="plate bs" aria-hidden="true">${still.label}</span></button>`;
  };
  const byTrack = ["webcam", "screen"].map((track) => incident.stills.filter((still) => still.track === track));
  return html`${byTrack.filter((row) => row.length).map((row) => html`<div class="stills">${row.map(shown)}</div>`)}`;
}

/** The plot, the same in a sentence, and the same as a table. */
function measured(session: Session, incident: Incident, at_ms: number): TemplateResult {
  return html`${plot(session, incident, at_ms)}
    <p class="sm muted">${incident.plot_words}</p>
    <details class="fix"><summary>The plot as a table</summary><table class="table sm"><thead><tr><th scope="col">From</th><th scope="col">To</th><th scope="col" class="end">Highest${incident.plot_unit ? `, ${incident.plot_unit}` : ""}</th><th scope="col">Threshold</th></tr></thead>
    <tbody>${incident.plot_rows.map((row) => html`<tr><td>${timeOf(session, row.from_ms)}</td><td>${timeOf(session, row.to_ms)}</td><td class="end">${row.highest}</td><td>${row.reached ? "reached" : "not reached"}</td></tr>`)}</tbody></table></details>`;
}

function versions(session: Session, incident: Incident): TemplateResult {
  const made = incident.papers.length
    ? html`<p class="sm"><b>Accommodation.</b> ${session.arranged}</p>
      <p class="sm"><b>Made by.</b> Rules ${incident.rules}, level ${incident.level}, certainty ${incident.confidence.toFixed(2)}.</p>
      <ul class="sm papers">${incident.papers.map((paper) => html`<li>${paper.what}, ${paper.version}, SHA-256 <code>${paper.sha256}</code></li>`)}</ul>`
    : nothing;
  return html`<details class="fix"><summary>Known causes of error, client, versions</summary>
    ${incident.fails_when ? html`<p class="sm"><b>It may be wrong when:</b> ${incident.fails_when}.</p>` : nothing}
    <p class="sm"><b>Client.</b> ${incident.client_note}</p>${made}</details>`;
}

function figures(incident: Incident): TemplateResult | typeof nothing {
  if (incident.measured === null) return nothing;
  const round = (n: number): string => (Number.isInteger(n) ? String(n) : n.toFixed(Math.abs(n) < 1 ? 2 : 1));
  const amount = (n: number): string => `${round(n)}${incident.unit === "°" ? "" : " "}${incident.unit}`;
  const threshold = incident.threshold === null ? "" : `, asked for: ${amount(incident.threshold)}`;
  return html`<p class="sm muted">Measured: ${amount(incident.measured)}${threshold}${incident.needed_s ? `, for ${round(incident.needed_s)} s or longer` : ""}.</p>`;
}

function history(session: Session, incident: Incident): TemplateResult | typeof nothing {
  if (!incident.verdicts.length) return nothing;
  const entered_ms = Date.parse(session.entered_at);
  return html`<ol class="history">${incident.verdicts.map((v) => {
    const sign = incidentSigns[v.verdict];
    return html`<li class="sm"><span class="st ${sign?.tone ?? ""} flat">${lucide(sign?.icon ?? "circle")}${sign?.word}</span> <span>${v.by}, ${timeOf(session, Date.parse(v.at) - entered_ms)}${v.reason ? `: ${v.reason}` : ""}${v.note ? html` “${v.note}”` : nothing}</span></li>`;
  })}</ol>`;
}

function question(view: PanelView, incident: Incident): TemplateResult {
  const pressed = (state: string): string => (incident.state === state ? "true" : "false");
  const choice = (state: Verdict["verdict"], icon: string, word: string, key: string, act: () => void): TemplateResult =>
    html`<button class="btn" data-verdict=${state} aria-pressed=${pressed(state)} aria-disabled=${view.busy ? "true" : "false"} @click=${act}>${lucide(icon)}${word} <kbd>${key}</kbd></button>`;
  return html`<div class="verd"><p class="sm strong" id="vq">What do you see?</p>
    <div class="vbtns" role="group" aria-labelledby="vq">
      ${choice("confirmed", "check", "Confirm", "C", () => view.say("confirmed"))}
      ${choice("dismissed", "x", "Dismiss", "D", () => view.dismiss(!view.dismissing))}
      ${choice("unsure", "circle-question-mark", "Unsure", "U", () => view.say("unsure"))}
    </div>
    ${view.dismissing ? reasons(view) : nothing}
    <label for="vn" class="vh">Note</label><input class="input sm" id="vn" data-note maxlength="1000" placeholder="Note (optional)">
    <p class=${view.refused ? "sm error" : "sm muted"} role="status">${view.said}</p></div>`;
}

function reasons(view: PanelView): TemplateResult {
  const send = (event: Event): void => {
    event.preventDefault();
    const chosen = new FormData(event.target as HTMLFormElement).get("reason");
    if (typeof chosen === "string" && chosen) view.say("dismissed", chosen);
  };
  return html`<form class="dismissing" @submit=${send}><label for="vr">Why is it set aside?</label><select class="input sm" id="vr" name="reason" data-reason required><option value="">Choose a reason</option>${view.session.reasons.map((reason) => html`<option value=${reason.code}>${reason.words}</option>`)}</select><div class="row"><button class="btn sm primary">Dismiss</button><button type="button" class="btn sm" @click=${() => view.dismiss(false)}>Cancel</button></div></form>`;
}

function nexts(view: PanelView): TemplateResult | typeof nothing {
  const { session, incident } = view;
  const from = incident ? session.incidents.indexOf(incident) + 1 : 0;
  const list = session.incidents.slice(from, from + SHOWN_NEXT);
  if (!list.length) return nothing;
  return html`<section class="panel"><header><h3>Next incidents</h3><button class="btn sm quiet" @click=${view.next}>Next ${lucide("arrow-right", "flip")}<kbd>N</kbd></button></header>
    <ul class="nexts">${list.map((one) => {
      const family = families[one.family];
      const sign = incidentSigns[one.state];
      return html`<li><a href="#at-${one.start_ms}" class=${family?.css ?? ""} @click=${(event: Event) => (event.preventDefault(), view.choose(one))}>${lucide(family?.icon ?? "flag", "fico")}<span class="grow">${one.title}</span><span class="muted">${timeOf(session, one.start_ms)}</span><span class="st ${sign?.tone ?? ""} flat">${lucide(sign?.icon ?? "circle")}${sign?.word}</span></a></li>`;
    })}</ul></section>`;
}
