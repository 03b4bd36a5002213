/** What all views of the exam share: icons in templates, and components that live in the page's own style. */

import { LitElement, type TemplateResult, html, nothing, svg } from "lit";

import { spriteAddress } from "../base/look";

let sprite_here = false;

/** Brings the icons into the document: they are needed most when the connection is gone. */
export async function bringIcons(): Promise<void> {
  const text = await (await fetch(spriteAddress())).text();
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const sprite = document.importNode(parsed, true);
  sprite.setAttribute("class", "vh");
  sprite.setAttribute("aria-hidden", "true");
  document.body.append(sprite);
  sprite_here = true;
}

export function ic(name: string, label = "", classes = ""): TemplateResult {
  const href = sprite_here ? `#${name}` : `${spriteAddress()}#${name}`;
  if (label) return html`<svg class="i ${classes}" role="img" aria-label=${label}><use href=${href}></use></svg>`;
  return html`<svg class="i ${classes}" aria-hidden="true"><use href=${href}></use></svg>`;
}

/** What a device is called on screen. */
export const DEVICES = { webcam: "camera", screen: "screen", microphone: "microphone" } as const;

/** Drawn into the page itself: the one style sheet, labels and anchors reach everything. */
export class Light extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}

export const mark = html`<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="7" fill="#63c6dd" /><path
    d="M7 26V15a9 9 0 0 1 18 0v11"
    fill="none"
    stroke="#0d2531"
    stroke-width="2.6"
  /><path d="M12.3 26V16a3.7 3.7 0 0 1 7.4 0v10" fill="none" stroke="#0d2531" stroke-width="2.6" /></svg>`;

export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return ((words[0]?.[0] ?? "") + (words.length > 1 ? (words.at(-1)?.[0] ?? "") : "")).toUpperCase();
}

/** The bar above everything before and after the exam itself. */
export function candidateBar(title: string, name: string): TemplateResult {
  return html`<header class="bar cbar">
    <span class="brand">${mark}<span class="bn">Examhall</span></span><span class="ctitle">${title}</span>
    <div class="tools"><span class="row nw"><span class="initials" aria-hidden="true">${initials(name)}</span><span class="hm">${name}</span></span></div>
  </header>`;
}

export function stepList(words: string[], now: number): TemplateResult {
  return html`<nav aria-label="Getting ready"><ol class="steps">${words.map(
    (word, index) =>
      html`<li class=${index < now ? "done" : index === now ? "now" : ""} aria-current=${index === now ? "step" : nothing}>
        <span class="n">${index < now ? ic("check", "Done") : index + 1}</span>${word}
      </li>`,
  )}</ol></nav>`;
}

const BARS = 12;

/** Microphone level as bars; the words beside it say the same. `level` 0 to 1. */
export function levelBars(level: number, width = BARS, height = 12): TemplateResult {
  const lit = Math.round(Math.min(1, level) * width);
  const bars = Array.from({ length: width }, (_, index) => index);
  const x = (index: number): number => index * 8;
  const words = lit === 0 ? "quiet" : lit < width / 2 ? "low" : "loud";
  return html`<svg class="level" viewBox="0 0 ${width * 8} ${height}" preserveAspectRatio="none" role="img" aria-label="Microphone level: ${words}">
    ${bars.map((index) => svgBar(x(index), height, index < lit))}
  </svg>`;
}


function svgBar(x: number, height: number, on: boolean): TemplateResult<2> {
  return svg`<rect x=${x} width="5" height=${height} rx="1.5" class=${on ? "lv" : "lo"}></rect>`;
}

/** Puts a stream into the video element of `root`, once. */
export function attach(root: ParentNode, selector: string, stream: MediaStream | null): void {
  const video = root.querySelector<HTMLVideoElement>(selector);
  if (video && video.srcObject !== stream) video.srcObject = stream;
}
