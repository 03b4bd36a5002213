// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";

import { type ExamAgreement } from "../../src/exam/check/steps-views";
import "../../src/exam/check/steps-views";
import type { StartFacts } from "../../src/exam/facts";

const FACTS = {
  candidate: "Amara Okonkwo",
  agreement: { title: "Agreement", paragraphs: ["We record."], version: 3, download: "/a.txt", sha256: "00" },
  urls: { agreement: "/agreement" },
} as unknown as StartFacts;

describe("the agreement", () => {
  afterEach(() => void vi.unstubAllGlobals());

  it("is accepted once, and says that it is being sent until what follows it has arrived", async () => {
    const asked = vi.fn(() => Promise.resolve(new Response('{"to_do": []}')));
    vi.stubGlobal("fetch", asked);
    let arrived = (): void => undefined;
    const view = document.createElement("exam-agreement") as ExamAgreement;
    view.facts = FACTS;
    view.accepted = () => new Promise((resolve) => (arrived = resolve));
    document.body.replaceChildren(view);
    await view.updateComplete;
    view.querySelector<HTMLInputElement>("input[type=checkbox]")?.click();
    view.querySelector("input[type=checkbox]")?.dispatchEvent(new Event("change"));
    const name = view.querySelector<HTMLInputElement>("#typed-name");
    const accept = view.querySelector<HTMLButtonElement>(".primary");
    for (const [typed, refused] of [[" . ", "true"], ["Amara Okonkwo", "false"]] as const) {
      if (name) name.value = typed;
      name?.dispatchEvent(new Event("input"));
      await view.updateComplete;
      expect(accept?.getAttribute("aria-disabled")).toBe(refused);
    }
    accept?.click();
    accept?.click();
    await vi.waitFor(() => expect(view.querySelector("#agree-why")?.textContent).toContain("being sent"));
    expect(accept?.getAttribute("aria-disabled")).toBe("true");
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
    arrived();
    await vi.waitFor(() => expect(view.querySelector("#agree-why")?.textContent).toBe(""));
    expect(asked).toHaveBeenCalledTimes(1);
  });
});
