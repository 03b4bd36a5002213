// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { listenForDialogs } from "../../src/site/dialog";

describe("one dialog for many rows", () => {
  beforeEach(() => {
    document.body.innerHTML = `
      <button id="a" data-dialog-open="withdraw" data-dialog-action="/a/withdraw" data-dialog-who="Ana">…</button>
      <button id="b" data-dialog-open="withdraw" data-dialog-action="/b/withdraw" data-dialog-who="Bo">…</button>
      <dialog id="withdraw"><form action=""><b data-dialog-name></b><button type="button" data-dialog-close>Cancel</button></form></dialog>`;
  });
  listenForDialogs();

  const dialog = (): HTMLDialogElement => document.querySelector("dialog") as HTMLDialogElement;

  it("names the row it was opened from and goes to its address", () => {
    for (const [id, who] of [["a", "Ana"], ["b", "Bo"]] as const) {
      document.getElementById(id)?.click();
      expect(dialog().open).toBe(true);
      expect(dialog().querySelector("form")?.getAttribute("action")).toBe(`/${id}/withdraw`);
      expect(dialog().querySelector("[data-dialog-name]")?.textContent).toBe(who);
      dialog().querySelector<HTMLElement>("[data-dialog-close]")?.click();
      expect(dialog().open).toBe(false);
    }
  });
});

describe("a form that writes", () => {
  const press = (): boolean => {
    const event = new Event("submit", { bubbles: true, cancelable: true });
    document.querySelector("form")?.dispatchEvent(event);
    return !event.defaultPrevented;
  };

  beforeEach(() => {
    vi.useFakeTimers();
    document.body.innerHTML = `<form method="post"><button aria-disabled="true">Write down</button></form>`;
  });
  afterEach(() => vi.useRealTimers());

  it("is sent once, until the browser has given up waiting", () => {
    expect([press(), press()]).toEqual([true, false]);
    vi.advanceTimersByTime(10_000);
    expect(document.querySelector("button")?.hasAttribute("aria-disabled")).toBe(false);
    expect(press()).toBe(true);
  });

  it("is left to a script that sends it itself", () => {
    document.querySelector("form")?.addEventListener("submit", (event) => event.preventDefault());
    expect([press(), press()]).toEqual([false, false]);
    expect(document.querySelector("form")?.dataset.sent).toBeUndefined();
  });
});
