/** What was measured around an incident, against its threshold, with the marked stretch and the needed length. */

import { html, nothing, svg, type TemplateResult } from "lit";

import { length } from "./line";
import type { Incident, Session } from "./session";
import { timeOf } from "./timeline";

const [LEFT, RIGHT, TOP, BOTTOM] = [40, 360, 16, 112];

/** A round number at or above the highest value. */
export function ceiling(highest: number): number {
  if (highest <= 1) return 1;
  const unit = 10 ** Math.floor(Math.log10(highest));
  return Math.ceil(highest / unit) * unit;
}

export function plot(session: Session, incident: Incident, at_ms: number): TemplateResult {
  const points = incident.plot;
  const from_ms = points[0]?.[0] ?? 0;
  const to_ms = Math.max(from_ms + 1, points.at(-1)?.[0] ?? 1);
  const line = incident.plot_threshold;
  const top = ceiling(Math.max(line ?? 0, ...points.map(([, value]) => value)));
  const x = (ms: number): number => LEFT + (Math.min(Math.max(ms, from_ms), to_ms) - from_ms) / (to_ms - from_ms) * (RIGHT - LEFT);
  const y = (value: number): number => BOTTOM - (value / top) * (BOTTOM - TOP);
  const [begin, end] = [x(incident.start_ms), x(incident.end_ms)];
  const path = points.map(([ms, value], n) => `${n ? "L" : "M"}${x(ms).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const needed = incident.needed_s ? `, needed ${incident.needed_s} s` : "";
  const lasted = length(incident.end_ms - incident.start_ms);
  const name = `${incident.plot_unit ? `Measured, ${incident.plot_unit}, from` : "Measured from"} ${timeOf(session, from_ms)} to ${timeOf(session, to_ms)}. Marked ${timeOf(session, incident.start_ms)} to ${timeOf(session, incident.end_ms)}${line === null ? "" : `, threshold ${line}`}${needed}.`;
  const middle = Math.min(Math.max((begin + end) / 2, LEFT + 70), RIGHT - 70);
  return html`<svg class="xp" viewBox="0 0 372 140" role="img" aria-label=${name}>
    <rect x=${begin} y="10" width=${Math.max(2, end - begin)} height="102" class="xr"></rect>
    ${[0, top / 2, top].map((value) => svg`<path d="M${LEFT} ${y(value)}H${RIGHT}" class="xg"></path><text x="34" y=${y(value) + 4} class="tk" text-anchor="end">${value}</text>`)}
    ${line === null ? nothing : svg`<path d="M${LEFT} ${y(line)}H${RIGHT}" class="xt"></path><text x="358" y=${y(line) - 4} class="tk" text-anchor="end">threshold ${line}</text>`}
    ${incident.plot_unit ? svg`<text x=${LEFT} y="9" class="tk">${incident.plot_unit}</text>` : nothing}
    <path d=${path} class="xl"></path>
    <path d="M${begin} 118v5H${Math.max(begin + 2, end)}v-5" class="xb"></path>
    <text x=${middle} y="136" class="tk" text-anchor="middle">${lasted}${needed}</text>
    ${at_ms >= from_ms && at_ms <= to_ms ? svg`<rect x=${x(at_ms)} y="6" width="2" height="108" class="ph"></rect>` : nothing}
  </svg>`;
}
