/** An icon of the sprite as a template; drawn again without being replaced. */

import { html, type TemplateResult } from "lit";

import { spriteAddress } from "../base/look";

export const lucide = (name: string, classes = ""): TemplateResult =>
  html`<svg class="i ${classes}" aria-hidden="true"><use href="${spriteAddress()}#${name}"></use></svg>`;
