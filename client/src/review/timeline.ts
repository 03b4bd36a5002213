/** The timeline: density, time of day, marked time, one lane per family, gaps, playhead; and the same as a table. */

import { html, nothing, svg, type TemplateResult } from "lit";

import { clock, families } from "../base/look";
import { BARS, columns, counts, density, length, mark, percent, ticks } from "./line";
import type { Incident, Lane, Session } from "./session";
import { lucide } from "./icon";

const LANE_PX = 30;
/** Narrower pages have room for fewer times of day. */
const NARROW_PX = 768;

export interface TimelineView {
  session: Session;
  at_ms: number;
  chosen: Incident | null;
  inside: Incident | null;
  table: boolean;
  seek: (at_ms: number) => void;
  choose: (incident: Incident) => void;
  toggleTable: () => void;
}

export const timeOf = (session: Session, at_ms: number): string =>
  clock(new Date(Date.parse(session.entered_at) + at_ms), session.offset_min);

export function timeline(view: TimelineView): TemplateResult {
  const { session } = view;
  return html`<div class="tlp"><div class="tline">
    <div class="tlh"><span class="sm muted">Density</span></div>${densityRow(session)}
    <div></div>${axis(session)}
    <div class="tlh"><span class="row nw sm muted">${lucide("minus", "vmk")}Marked time</span></div>${markedRow(view)}
    ${laneNames(session)} ${lanes(view)}
  </div></div>
  <footer class="between"><span class="sm muted">${gapWords(session)}</span>
    <button class="btn sm quiet" aria-expanded=${view.table ? "true" : "false"} @click=${view.toggleTable}>Show as a table</button></footer>
  ${view.table ? table(view) : nothing}`;
}

function densityRow(session: Session): TemplateResult {
  const bars = density(session.incidents, session.duration_ms);
  const width = 100 / BARS;
  return html`<svg class="tld" width="100%" height="36" aria-hidden="true">${bars.map((number, at) =>
    number ? svg`<rect x="${at * width}%" y="${34 - barHeight(number)}" width="${width * 0.8}%" height=${barHeight(number)} class=${number > 2 ? "dn hi" : "dn"}></rect>` : nothing,
  )}</svg>`;
}

const barHeight = (number: number): number => Math.min(30, 7 * number);

function axis(session: Session): TemplateResult {
  const entered = new Date(session.entered_at);
  const fine = session.duration_ms < 600_000;
  return html`<svg width="100%" height="16" aria-hidden="true">${ticks(entered, session.offset_min, session.duration_ms, innerWidth < NARROW_PX ? 4 : 10).map((at_ms) => {
    const x = percent(at_ms, session.duration_ms);
    const words = timeOf(session, at_ms);
    return svg`<text x="${x}%" y="11" class="tk" text-anchor=${x < 3 ? "start" : "middle"}>${fine ? words : words.slice(0, 5)}</text>`;
  })}</svg>`;
}

function markedRow({ session, inside }: TimelineView): TemplateResult {
  const marked = session.incidents.filter(counts);
  const name = `Red line: marked time, ${marked.length} ${marked.length === 1 ? "stretch" : "stretches"}`;
  return html`<svg width="100%" height="10" role="img" aria-label=${name}><rect y="2" width="100%" height="6" rx="3" class="lanebg"></rect>${marked.map((incident) => {
    const at = mark(incident.start_ms, incident.end_ms, session.duration_ms, 0.5);
    const now = incident === inside;
    return svg`<rect x="${at.x}%" y=${now ? 1 : 3} width="${at.width}%" height=${now ? 8 : 4} class="vred"></rect>`;
  })}</svg>`;
}

function laneNames(session: Session): TemplateResult {
  return html`<ul class="tll">${session.lanes.map((lane) => {
    const family = families[lane.family];
    const css = family?.css ?? "";
    return html`<li class=${css}><svg class="sw ${css}" aria-hidden="true"><rect width="100%" height="100%" rx="3" class="fbase"></rect><rect width="100%" height="100%" rx="3" fill="url(#${patternOf(css)})"></rect></svg><span>${family?.word}<span class="vh"> ${lane.off || lane.beyond}</span></span><b>${lane.off ? "off" : lane.count}</b></li>`;
  })}</ul>`;
}

export const patternOf = (css: string): string => css.replace(/^f-/, "pt-");

function lanes(view: TimelineView): TemplateResult {
  const { session, at_ms, inside } = view;
  const height = session.lanes.length * LANE_PX;
  return html`<div class="tlw" role="slider" tabindex="0" aria-label="Position in the recording" aria-valuemin="0"
      aria-valuemax=${Math.round(session.duration_ms / 1000)} aria-valuenow=${Math.round(at_ms / 1000)} aria-valuetext=${spoken(view)}
      @pointerdown=${(event: PointerEvent) => drag(view, event)} @keydown=${(event: KeyboardEvent) => slide(view, event)}>
    <svg width="100%" height=${height} role="presentation">
      ${session.lanes.map((lane, row) => laneOf(view, lane, row))}
      ${columns(session.gaps).map((gap) => column(mark(gap.from_ms, gap.to_ms, session.duration_ms, 0.3), height, "gapr"))}
      ${inside ? column(mark(inside.start_ms, inside.end_ms, session.duration_ms), height, "vcol") : nothing}
      <rect x="${percent(at_ms, session.duration_ms)}%" y="0" width="2" height=${height} class="ph"></rect>
    </svg></div>`;
}

function laneOf(view: TimelineView, { family, off, beyond }: Lane, row: number): TemplateResult {
  const y = row * LANE_PX + 3;
  const css = families[family]?.css ?? "";
  const mine = view.session.incidents.filter((incident) => incident.family === family);
  return svg`<rect x="0" y=${y} width="100%" height="24" rx="3" class="lanebg2"></rect>
    ${off ? svg`<rect x="0" y=${y} width="100%" height="24" rx="3" fill="url(#pt-off)"></rect><text x="7%" y=${y + 16} class="lt2">${off}</text>` : nothing}
    ${beyond && !off && mine.length === 0 ? svg`<text x="7%" y=${y + 16} class="lt2">${beyond}</text>` : nothing}
    ${mine.map((incident) => {
      const at = mark(incident.start_ms, incident.end_ms, view.session.duration_ms);
      const classes = `${css}${incident === view.chosen ? " curinc" : ""}${counts(incident) ? "" : " aside"}`;
      return svg`<g class=${classes}><rect x="${at.x}%" y=${y + 2} width="${at.width}%" height="20" rx="2" class="fbase"></rect><rect x="${at.x}%" y=${y + 2} width="${at.width}%" height="20" rx="2" fill="url(#${patternOf(css)})"></rect></g>`;
    })}`;
}

const column = (at: { x: number; width: number }, height: number, css: string): TemplateResult =>
  svg`<rect x="${at.x}%" y="0" width="${at.width}%" height=${height} class=${css}></rect>`;

/** "10:03:21, Possible: second person, confidence 0.82". */
export function spoken({ session, at_ms, inside }: TimelineView): string {
  const words = inside ? `, ${inside.label}, confidence ${inside.confidence.toFixed(2)}` : "";
  return `${timeOf(session, at_ms)}${words}`;
}

function placeOf(view: TimelineView, event: PointerEvent, lane: HTMLElement): number {
  const box = lane.getBoundingClientRect();
  return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * view.session.duration_ms;
}

/** Follows the pointer and seeks where it is let go. */
function drag(view: TimelineView, event: PointerEvent): void {
  const lane = event.currentTarget as HTMLElement;
  lane.setPointerCapture(event.pointerId);
  const drop = (up: PointerEvent): void => {
    lane.removeEventListener("pointerup", drop);
    view.seek(placeOf(view, up, lane));
  };
  lane.addEventListener("pointerup", drop);
}

const ARROWS_MS: Record<string, number> = { ArrowRight: 1_000, ArrowUp: 1_000, ArrowLeft: -1_000, ArrowDown: -1_000, PageUp: 10_000, PageDown: -10_000 };

function slide(view: TimelineView, event: KeyboardEvent): void {
  const ends: Record<string, number> = { Home: 0, End: view.session.duration_ms };
  const by_ms = ARROWS_MS[event.key];
  const to_ms = by_ms === undefined ? ends[event.key] : view.at_ms + by_ms;
  if (to_ms === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  view.seek(Math.min(Math.max(0, to_ms), view.session.duration_ms));
}

function gapWords(session: Session): string {
  const gaps = columns(session.gaps);
  const [first] = gaps;
  if (!session.tracks.length) return "Nothing was recorded.";
  if (!first) return session.running ? "Still recording." : "No gap in the recording.";
  const when = `${timeOf(session, first.from_ms)} to ${timeOf(session, first.to_ms)}, ${first.cause.replace("_", " ")}`;
  return gaps.length === 1 ? `Grey column: no recording ${when}.` : `Grey columns: ${gaps.length} gaps, the first ${when}.`;
}

function table(view: TimelineView): TemplateResult {
  const { session } = view;
  return html`<div class="tw" tabindex="0" role="region" aria-label="Incidents, scrolls sideways"><table class="table"><thead><tr><th scope="col">From</th><th scope="col">To</th><th scope="col">Length</th><th scope="col">What was seen</th><th scope="col">Severity</th><th scope="col">State</th></tr></thead><tbody>
    ${session.incidents.map(
      (incident) => html`<tr><td><button class="btn sm quiet" @click=${() => view.choose(incident)}>${timeOf(session, incident.start_ms)}<span class="vh">, go there</span></button></td><td>${timeOf(session, incident.end_ms)}</td><td>${length(incident.end_ms - incident.start_ms)}</td><td>${incident.label}</td><td>${incident.severity} of 3</td><td>${incident.state}</td></tr>`,
    )}
    ${session.gaps.map((gap) => html`<tr class="gap"><td>${timeOf(session, gap.from_ms)}</td><td>${timeOf(session, gap.to_ms)}</td><td>${length(gap.to_ms - gap.from_ms)}</td><td>No ${gap.track} recording: ${gap.cause.replace("_", " ")}</td><td>–</td><td>–</td></tr>`)}
  </tbody></table></div>`;
}

