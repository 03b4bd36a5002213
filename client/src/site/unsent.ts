/** What an exam left on this computer when its page was closed early: each page that lists exams offers to send it. */

import { attemptsWithAnswers } from "../buffer/journal";
import { SegmentStore } from "../buffer/segments";

/** Shows every `data-unsent` whose attempt has answers or recording waiting here. */
export async function showUnsent(): Promise<void> {
  const offers = document.querySelectorAll<HTMLElement>("[data-unsent]");
  if (offers.length === 0) return;
  const store = await SegmentStore.open();
  const left = new Set([...(await store.attempts()), ...(await attemptsWithAnswers())]);
  store.close();
  for (const offer of offers) offer.hidden = !left.has(offer.dataset.unsent ?? "");
}
