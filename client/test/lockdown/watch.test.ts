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

  const press = (key: string, held: KeyboardEventInit): KeyboardEvent => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...held });
    field.dispatchEvent(event);
    return event;
  };

  it.each([
    ["F12", {}, "F12"],
    ["I", { ctrlKey: true, shiftKey: true }, "Ctrl+Shift+I"],
    ["C", { ctrlKey: true, shiftKey: true }, "Ctrl+Shift+C"],
    ["j", { metaKey: true, altKey: true, code: "KeyJ" }, "Meta+Alt+J"],
    ["ˆ", { metaKey: true, altKey: true, code: "KeyI" }, "Meta+Alt+I"],
  ] as [string, KeyboardEventInit, string][])("blocks and tells %s with %j as the developer tools", (key, held, keys) => {
    expect(press(key, held).defaultPrevented).toBe(true);
    expect(told).toEqual([{ kind: "inspector_detected", extra: { keys, source: "keys" } }]);
  });

  it("leaves the developer tools alone where the policy allows them, and tells the key", () => {
    lockdown.close();
    const { lock } = clientPolicy({ lock: { full_screen: "off", developer_tools: false } });
    lockdown = new Lockdown(lock, (signal) => told.push(signal));
    expect(press("F12", {}).defaultPrevented).toBe(false);
    expect(kinds()).toEqual(["key_combo"]);
  });

  it("blocks and tells the menu of the right button", () => {
    const event = new Event("contextmenu", { bubbles: true, cancelable: true });
    field.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
    expect(kinds()).toEqual(["right_click"]);
  });

  it("tells again what goes on after the page has connected again", () => {
    window.dispatchEvent(new Event("blur"));
    lockdown.tellAgain();
    window.dispatchEvent(new Event("focus"));
    lockdown.tellAgain();
    expect(kinds()).toEqual(["focus_lost", "focus_lost", "focus_regained"]);
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

describe("what the server reads", () => {
  const screens = screen as Screen & { isExtended?: boolean };
  let told: Signal[];
  let lockdown: Lockdown;
  let field: HTMLTextAreaElement;

  beforeEach(() => {
    vi.useFakeTimers();
    told = [];
    screens.isExtended = false;
    sizeWindow(1200);
    const { lock } = clientPolicy({ lock: { full_screen: "off", clipboard: "allowed" } });
    lockdown = new Lockdown(lock, (signal) => told.push(signal));
    field = document.body.appendChild(document.createElement("textarea"));
  });

  afterEach(() => {
    lockdown.close();
    field.remove();
    delete screens.isExtended;
    vi.useRealTimers();
  });

  function sizeWindow(width: number): void {
    Object.assign(window, { innerWidth: width, innerHeight: 800, outerWidth: width, outerHeight: 900 });
  }

  function clip(act: "copy" | "paste", text: string): void {
    field.value = text;
    field.focus();
    field.select();
    const event = Object.assign(new Event(act, { bubbles: true, cancelable: true }), { clipboardData: { getData: () => text } });
    field.dispatchEvent(event);
  }

  it("stands in signals.json, which a test of the server reads as well", async () => {
    clip("copy", "a line of the question");
    clip("copy", "");
    clip("paste", "a line of the question");
    clip("paste", "x".repeat(250));
    sizeWindow(480);
    window.dispatchEvent(new Event("resize"));
    screens.isExtended = true;
    vi.advanceTimersByTime(2_000);
    lockdown.tellAgain();
    screens.isExtended = false;
    vi.advanceTimersByTime(2_000);
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "p", ctrlKey: true, bubbles: true }));
    await expect(`${JSON.stringify(told, null, 2)}\n`).toMatchFileSnapshot("signals.json");
  });

  it("holds a second display that is there from the beginning", () => {
    screens.isExtended = true;
    const second: Signal[] = [];
    new Lockdown(clientPolicy({ lock: { full_screen: "off" } }).lock, (signal) => second.push(signal)).close();
    expect(second).toEqual([{ kind: "display_added", extra: { extended: true } }]);
  });
});
