// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { clientPolicy } from "../../src/exam/facts";
import type { Signal } from "../../src/lockdown/signals";
import { Lockdown } from "../../src/lockdown/watch";

describe("listening to the window", () => {
  let told: Signal[];
  let lockdown: Lockdown;
  let field: HTMLInputElement;

  beforeEach(() => {
    vi.useFakeTimers();
    told = [];
    const { lock } = clientPolicy({ lock: { full_screen: "off" } });
    lockdown = new Lockdown(lock, (signal) => told.push(signal));
    field = document.body.appendChild(document.createElement("input"));
  });

  afterEach(() => {
    lockdown.close();
    field.remove();
    vi.useRealTimers();
  });

  const kinds = (): string[] => told.map((signal) => signal.kind);

  it("does not take going from field to field for leaving the exam", () => {
    field.dispatchEvent(new Event("blur"));
    field.dispatchEvent(new Event("focus"));
    expect(told).toEqual([]);
  });

  it("tells once that the window lost the focus and once that it has it again", () => {
    window.dispatchEvent(new Event("blur"));
    window.dispatchEvent(new Event("blur"));
    window.dispatchEvent(new Event("focus"));
    expect(kinds()).toEqual(["focus_lost", "focus_regained"]);
  });

  it("blocks and tells the menu of the right button", () => {
    const event = new Event("contextmenu", { bubbles: true, cancelable: true });
    field.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
    expect(kinds()).toEqual(["right_click"]);
  });

  it("tells nothing any more once the exam is over", () => {
    lockdown.close();
    window.dispatchEvent(new Event("blur"));
    expect(told).toEqual([]);
  });
});

describe("a page that is opened again", () => {
  const { lock } = clientPolicy({});
  const told: Signal[] = [];
  const opened = (before: { full_screen_spent_s: number; left_full_screen: boolean; extended: boolean }): Lockdown => {
    told.length = 0;
    return new Lockdown(lock, (signal) => told.push(signal), before);
  };

  it("goes on with the budget that is left", () => {
    const lockdown = opened({ full_screen_spent_s: 11, left_full_screen: false, extended: false });
    expect(lockdown.fullScreenLeft()).toBe(4);
    expect(told.map(({ kind }) => kind)).toEqual(["left_full_screen"]);
    lockdown.close();
  });

  it("says that the second display of before is gone", () => {
    const lockdown = opened({ full_screen_spent_s: 0, left_full_screen: false, extended: true });
    expect(lockdown.hasSecondDisplay).toBe(false);
    expect(told[0]?.kind).toBe("display_removed");
    lockdown.close();
  });

  it("says that it is in full screen when the page before was not", () => {
    Object.defineProperty(document, "fullscreenElement", { value: document.body, configurable: true });
    const lockdown = opened({ full_screen_spent_s: 3, left_full_screen: true, extended: false });
    expect(told.map(({ kind }) => kind)).toEqual(["returned_full_screen"]);
    expect(lockdown.fullScreenLeft()).toBeNull();
    Object.defineProperty(document, "fullscreenElement", { value: null, configurable: true });
    lockdown.close();
  });
});
