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

  it("tells nothing any more once the exam is over", () => {
    lockdown.close();
    window.dispatchEvent(new Event("blur"));
    expect(told).toEqual([]);
  });
});
