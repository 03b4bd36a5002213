/**
 * The kinds of question, on top of the QTI components: their elements keep the meaning, ours add what an exam needs:
 * every input counts at once (also pasted and dictated), a second click never unticks a single choice, arrow keys work,
 * and each field has a name. The item's XML names are mapped to these in `question.ts`.
 */

import {
  QtiChoiceInteraction,
  QtiExtendedTextInteraction,
  QtiTextEntryInteraction,
} from "@citolab/qti-components/qti-interactions";
import { type LitElement, type TemplateResult, html } from "lit";

/** Longest answer, in characters; the server takes 200,000 bytes. */
const MAX_TEXT = 40_000;
const MAX_LINE = 1_000;

type Choice = HTMLElement & { identifier: string };

/** What the choices mixin has, which its published types leave out. */
declare class ChoiceParts extends LitElementType {
  maxChoices: number;
  disabled: boolean;
  readonly: boolean;
  protected _choiceElements: Choice[];
  protected _syncChoicesFromDOM(): void;
  protected _setInputType(choice: Choice): Promise<void>;
  protected _setChoiceChecked(choice: Choice, checked: boolean): void;
  protected _getChoiceChecked(choice: Choice): boolean;
  protected _toggleChoiceChecked(choice: Choice): void;
}
declare const LitElementType: typeof LitElement;
const ChoiceBase = QtiChoiceInteraction as unknown as typeof ChoiceParts;

export class ExamChoice extends ChoiceBase {
  override connectedCallback(): void {
    super.connectedCallback();
    this.setAttribute("role", this.maxChoices === 1 ? "radiogroup" : "group");
    this.addEventListener("keydown", this.arrow);
  }

  protected override _syncChoicesFromDOM(): void {
    super._syncChoicesFromDOM();
    this._choiceElements.forEach((choice, index) => {
      choice.setAttribute("data-letter", String.fromCharCode(65 + (index % 26)));
    });
  }

  protected override async _setInputType(choice: Choice): Promise<void> {
    await super._setInputType(choice);
    choice.setAttribute("role", this.maxChoices === 1 ? "radio" : "checkbox");
    choice.removeAttribute("aria-readonly"); // the mixin writes it, but neither role may carry "false" here
    this.rove();
  }

  protected override _setChoiceChecked(choice: Choice, checked: boolean): void {
    super._setChoiceChecked(choice, checked);
    choice.setAttribute("aria-checked", String(checked));
    choice.classList.toggle("on", checked);
    this.rove();
  }

  protected override _toggleChoiceChecked(choice: Choice): void {
    if (this.maxChoices === 1) this._setChoiceChecked(choice, true); // a double click must not empty the answer
    else super._toggleChoiceChecked(choice);
  }

  /** One tab stop for a single choice: the chosen one, or the first. */
  private rove(): void {
    if (this.maxChoices !== 1) return;
    const chosen = this._choiceElements.find((choice) => this._getChoiceChecked(choice)) ?? this._choiceElements[0];
    for (const choice of this._choiceElements) choice.tabIndex = choice === chosen ? 0 : -1;
  }

  private readonly arrow = (event: KeyboardEvent): void => {
    if (event.key === " ") event.preventDefault(); // no scrolling; the choice answers on key up
    if (this.maxChoices !== 1 || event.altKey || this.readonly || this.disabled) return;
    const forward = event.key === "ArrowDown" || event.key === "ArrowRight";
    if (!forward && event.key !== "ArrowUp" && event.key !== "ArrowLeft") return;
    event.preventDefault();
    const all = this._choiceElements;
    const at = all.indexOf(event.target as Choice);
    const next = all[(at + (forward ? 1 : all.length - 1)) % all.length];
    next?.focus();
    next?.click();
  };
}

export class ExamLine extends QtiTextEntryInteraction {
  override render(): TemplateResult<1> {
    return html`<input
      part="input"
      autocomplete="off"
      autocapitalize="off"
      spellcheck="false"
      maxlength=${MAX_LINE}
      aria-label=${this.getAttribute("data-name") ?? "Your answer"}
      ?disabled=${this.disabled}
      ?readonly=${this.readonly}
      .value=${this.response ?? ""}
      @input=${this.textChanged}
      @change=${this.textChanged}
    />`;
  }

  override validate(): boolean {
    return true;
  }

  override reportValidity(): boolean {
    return true;
  }
}

export class ExamText extends QtiExtendedTextInteraction {
  override render(): TemplateResult<1> {
    const lines = Number(this.getAttribute("expected-lines") ?? 0);
    return html`<slot name="prompt"></slot><slot></slot><textarea
        part="textarea"
        autocomplete="off"
        spellcheck="false"
        maxlength=${MAX_TEXT}
        rows=${Math.min(Math.max(lines || this._rows, 3), 30)}
        aria-label=${this.getAttribute("data-name") ?? "Your answer"}
        ?disabled=${this.disabled}
        ?readonly=${this.readonly}
        .value=${this.response ?? ""}
        @input=${this.textChanged}
        @change=${this.textChanged}
      ></textarea>`;
  }

  override validate(): boolean {
    return true;
  }

  override reportValidity(): boolean {
    return true;
  }
}

customElements.define("exam-choice-interaction", ExamChoice);
customElements.define("exam-text-entry-interaction", ExamLine);
customElements.define("exam-extended-text-interaction", ExamText);
