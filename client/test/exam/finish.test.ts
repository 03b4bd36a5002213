// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ExamFinish } from "../../src/exam/finish";
import { ExamSession } from "../../src/exam/session";
import { freshDisk } from "../buffer/fixtures";
import { FACTS, FakeSite } from "./site";

describe("the page after the exam", () => {
  let site: FakeSite;
  let session: ExamSession;
  let page: ExamFinish;
  let lost: (segments: number) => void;

  beforeEach(async () => {
    freshDisk();
    localStorage.clear();
    site = new FakeSite();
    session = new ExamSession(FACTS, "", () => undefined);
    vi.spyOn(session.media, "begin").mockImplementation(() => undefined); // no recorder in this lane
    vi.spyOn(session.media, "finish").mockImplementation(() => new Promise((resolve) => (lost = resolve)));
    await session.connect(false);
    site.answersStatus = 503;
    session.answer({ number: 1, item_id: "a", title: "A", kind: "essay", max_score: 1 }, "typed in the cut");
    await session.saves?.flush();
    site.state = "timed_out";
    session.state = "timed_out";
    page = new ExamFinish();
    page.session = session;
    document.body.replaceChildren(page);
    await page.updateComplete;
  });

  afterEach(() => {
    page.remove();
    session.loseHold();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  const shown = async (): Promise<string> => {
    page.requestUpdate();
    await page.updateComplete;
    return (page.textContent ?? "").replace(/\s+/g, " ");
  };
  const leaving = (): boolean => window.dispatchEvent(new Event("beforeunload", { cancelable: true }));

  it("asks to stay while an answer is only on this device, and calls it saved when it is", async () => {
    lost(0);
    await Promise.resolve();
    expect(await shown()).toContain("One answer is still on this device.");
    expect(await shown()).not.toMatch(/All uploaded|What you answered is saved|Done/);
    expect(leaving(), "the browser asks first").toBe(false);
    site.answersStatus = 0;
    await session.saves?.flush();
    expect(await shown()).toMatch(/What you answered is saved and counts\..*All uploaded\..*Done/);
    expect(leaving()).toBe(true);
  });

  it("says which answers do not count, and what of the recording is lost", async () => {
    site.refuses = "This answer came after your time was over.";
    site.answersStatus = 0;
    await session.saves?.flush();
    lost(3);
    await Promise.resolve();
    const text = await shown();
    expect(text).toMatch(/This answer came after your time was over\..*All that could be sent is uploaded\. 3 pieces of the recording/);
    expect(text).not.toContain("saved and counts");
  });
});
