// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";

import { Cause } from "../../src/base/errors";
import { Journal } from "../../src/buffer/journal";
import { SegmentStore, keyOf } from "../../src/buffer/segments";
import { showUnsent } from "../../src/site/unsent";
import { freshDisk, segment } from "../buffer/fixtures";

const AT = { client_at: "2026-11-23T09:00:00.000Z", mono_ms: 1 };

describe("what an exam left on this computer", () => {
  beforeEach(() => {
    freshDisk();
    const names = ["answer", "sent", "refused", "recording", "given-up", "unknown"];
    document.body.innerHTML = names.map((name) => `<p hidden data-unsent="${name}"></p>`).join("");
  });

  it("is offered for answers and recording that still wait, and for nothing else", async () => {
    for (const attempt of ["answer", "sent", "refused"]) {
      const journal = await Journal.open(attempt, 0, { ballast_bytes: 16 });
      const client_seq = await journal.recordAnswer({ item_id: "a", question_number: 1, response: "x" }, AT);
      if (attempt === "sent") await journal.settleAnswers([{ item_id: "a", client_seq, status: "saved" }]);
      if (attempt === "refused") await journal.settleAnswers([{ item_id: "a", client_seq, status: "rejected" }]);
      await journal.recordEntry({ kind: "focus_lost" }, AT);
      journal.close();
    }
    const store = await SegmentStore.open({ estimate: async () => ({ usage: 0, quota: 1e10 }) });
    await store.put(await segment(1, { attempt: "recording" }));
    const refused = await segment(1, { attempt: "given-up" });
    await store.put(refused);
    await store.stop(keyOf(refused), Cause.Refused);
    await showUnsent();
    const shown = [...document.querySelectorAll<HTMLElement>("[data-unsent]")].filter((offer) => !offer.hidden);
    expect(shown.map((offer) => offer.dataset.unsent)).toEqual(["answer", "recording"]);
  });
});
