// One question as candidates see it, for its author: drawn by the player's own code, answers go nowhere.
import { drawItem } from "../exam/question";

async function show(place: HTMLElement, note: HTMLElement | null): Promise<void> {
  const answer = await fetch(place.dataset["question"] ?? "");
  if (!answer.ok) throw new Error("The question could not be loaded. Reload the page.");
  place.replaceChildren(drawItem(await answer.text(), null, () => undefined).element);
  place.removeAttribute("aria-busy");
  note?.remove();
}

const place = document.querySelector<HTMLElement>("[data-question]");
const note = document.querySelector<HTMLElement>("[data-question-note]");
if (place) {
  show(place, note).catch((error: unknown) => {
    if (note) note.textContent = error instanceof Error ? error.message : "The question could not be loaded. Reload the page.";
  });
}
