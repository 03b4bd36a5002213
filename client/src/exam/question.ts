/** One item on the page: its XML becomes elements of the components, its answer comes out as the wire wants it. */

import "@citolab/qti-components/qti-item";
import "@citolab/qti-components/qti-elements";
import "./interactions";

import type { AnswerResponse } from "../base/wire";

const OURS: Record<string, string> = {
  "qti-choice-interaction": "exam-choice-interaction",
  "qti-text-entry-interaction": "exam-text-entry-interaction",
  "qti-extended-text-interaction": "exam-extended-text-interaction",
};
const MATHML = "http://www.w3.org/1998/Math/MathML";
/** The server has cleaned the item; what could run or load from elsewhere is left out here once more. */
const NEVER = new Set(["script", "style", "iframe", "object", "embed", "link", "form", "base", "meta"]);
const NAME_LENGTH = 150;

interface Answering extends HTMLElement {
  response: string | string[] | null;
  disabled: boolean;
}

export interface Drawn {
  element: HTMLElement;
  show: (response: AnswerResponse) => void;
}

/** Parses `xml` and draws it. `onAnswer` is called with every change the candidate makes. Throws on broken XML. */
export function drawItem(xml: string, response: AnswerResponse, onAnswer: (response: AnswerResponse) => void): Drawn {
  const parsed = new DOMParser().parseFromString(xml, "text/xml");
  if (parsed.querySelector("parsererror")) throw new Error("The question could not be read. Reload the page.");
  const element = copy(parsed.documentElement) as HTMLElement;
  const interaction = element.querySelector<Answering>(Object.values(OURS).join(","));
  nameIt(element, interaction);
  const show = (value: AnswerResponse): void => {
    if (interaction) interaction.response = value ?? (isMultiple(interaction) ? [] : "");
  };
  element.addEventListener("qti-interaction-response", (event) => {
    const { response: given } = (event as CustomEvent<{ response: AnswerResponse }>).detail;
    onAnswer(given === "" ? null : given);
  });
  show(response);
  return { element, show };
}

function isMultiple(interaction: HTMLElement): boolean {
  return interaction.localName === "exam-choice-interaction" && interaction.getAttribute("max-choices") !== "1";
}

function copy(node: Element): Element {
  const made =
    node.namespaceURI === MATHML
      ? document.createElementNS(MATHML, node.localName)
      : document.createElement(OURS[node.localName] ?? node.localName);
  for (const { localName, value } of node.attributes) {
    if (localName.startsWith("on") || localName === "style" || localName === "title") continue;
    made.setAttribute(localName, value);
  }
  for (const child of node.childNodes) {
    if (child instanceof Element) {
      if (!NEVER.has(child.localName)) made.append(copy(child));
    } else if (child.nodeType === Node.TEXT_NODE || child.nodeType === Node.CDATA_SECTION_NODE) {
      made.append(child.textContent ?? "");
    }
  }
  return made;
}

/** Screen readers hear the question with the field; the field stands in a shadow, so the words are copied. */
function nameIt(element: HTMLElement, interaction: Answering | null): void {
  if (!interaction) return;
  const prompt = interaction.querySelector("qti-prompt") ?? element.querySelector("qti-item-body");
  const clone = prompt?.cloneNode(true) as Element | undefined;
  clone?.querySelectorAll("qti-simple-choice").forEach((choice) => choice.remove());
  const words = (clone?.textContent ?? "").replace(/\s+/g, " ").trim().slice(0, NAME_LENGTH);
  interaction.setAttribute("data-name", words ? `Your answer: ${words}` : "Your answer");
  if (interaction.localName === "exam-choice-interaction") interaction.setAttribute("aria-label", words || "Choose");
}
