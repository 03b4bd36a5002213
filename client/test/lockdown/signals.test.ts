import { describe, expect, it } from "vitest";

import { Away, area, clipboard, clipboardBlocked, display, fullScreenBudget, inspector, keyCombo, resize } from "../../src/lockdown/signals";

const none = { key: "", ctrl: false, alt: false, shift: false, meta: false };

describe("listed keys", () => {
  it.each([
    [{ ctrl: true, key: "c" }, "Ctrl+C", "copy"],
    [{ meta: true, key: "v" }, "Meta+V", "paste"],
    [{ ctrl: true, key: "P" }, "Ctrl+P", "print"],
    [{ ctrl: true, shift: true, key: "I" }, "Ctrl+Shift+I", "inspector"],
    [{ key: "F12" }, "F12", "inspector"],
    [{ key: "PrintScreen" }, "PrintScreen", "screenshot"],
    [{ alt: true, key: "Tab" }, "Alt+Tab", "switch_window"],
  ])("%j is told", (keys, written, does) => {
    expect(keyCombo({ ...none, ...keys })).toEqual({ kind: "key_combo", extra: { keys: written, does } });
  });

  it.each([[{ key: "a" }], [{ key: "Enter" }], [{ shift: true, key: "A" }], [{ ctrl: true, key: "a" }], [{ alt: true, key: "ArrowRight" }], [{ ctrl: true, key: "Control" }]])(
    "%j is ordinary and never leaves the page",
    (keys) => {
      expect(keyCombo({ ...none, ...keys })).toBeNull();
    },
  );
});

describe("the clipboard", () => {
  it("is told by length, never by content", () => {
    const told = clipboard("paste", "secret", null, true);
    expect(told.extra).toEqual({ act: "paste", chars: 6, outside: true, blocked: true });
    expect(JSON.stringify(told)).not.toContain("secret");
  });

  it("is from outside only when pasted and not copied here, whatever became of spaces and line ends on the way", () => {
    expect(clipboard("copy", "x", null, false).extra?.outside).toBe(false);
    expect(clipboard("paste", "two\r\nlines ", "two\nlines", false).extra?.outside).toBe(false);
    expect(clipboard("paste", "other", "two\nlines", false).extra?.outside).toBe(true);
  });

  it("lets text of the exam be pasted again when internal, and refuses text from outside", () => {
    expect(clipboardBlocked("internal", "copy", "here", null)).toBe(false);
    expect(clipboardBlocked("internal", "paste", "here\r\n", "here")).toBe(false);
    expect(clipboardBlocked("internal", "paste", "outside", "here")).toBe(true);
    expect(clipboardBlocked("disabled", "copy", "x", null)).toBe(true);
    expect(clipboardBlocked("allowed", "paste", "x", null)).toBe(false);
  });
});

describe("the window", () => {
  const size = { inner_width: 1200, inner_height: 800, outer_width: 1200, outer_height: 900, pixel_ratio: 1 };

  const most = area(size);

  it("is told when it changes by more than a scroll bar", () => {
    expect(resize(size, { ...size, inner_width: 1185 }, most)).toBeNull();
    expect(resize(size, { ...size, outer_width: 600 }, most)?.kind).toBe("resize");
  });

  it("says how much of its largest area is left, however small the steps", () => {
    const smaller = { ...size, inner_width: 600, outer_width: 600 };
    expect(resize(size, smaller, most)?.extra).toEqual({ from: "1200x800", to: "600x800", share: 0.5 });
    expect(resize(smaller, { ...smaller, inner_height: 400 }, most)?.extra?.share).toBe(0.25);
    expect(resize(smaller, size, most)?.extra?.share).toBe(1);
    expect(resize(size, { ...size, inner_width: 600 }, most)?.extra?.share).toBe(0.5); // a panel docked inside the window
  });

  it("takes room lost inside an unchanged window for possible developer tools", () => {
    expect(inspector(size, { ...size, inner_width: 800 })).toEqual({
      kind: "inspector_detected",
      extra: { source: "window", tier: "T0", lost_px: 400 },
    });
    expect(inspector(size, { ...size, inner_height: 640 })?.kind).toBe("inspector_detected");
  });

  it.each([
    { inner_width: 1041 },
    { inner_width: 800, outer_width: 800 },
    { inner_width: 800, inner_height: 533, pixel_ratio: 1.5 },
    { inner_width: 1600 },
  ])("does not take %j for them: a bar, a smaller window, a zoom, a larger page", (changed) => {
    expect(inspector(size, { ...size, ...changed })).toBeNull();
  });

  it("is not smaller because the page was zoomed or came to another screen", () => {
    expect(resize(size, { ...size, inner_width: 600, inner_height: 400, pixel_ratio: 2 }, most)).toBeNull();
    expect(resize({ ...size, pixel_ratio: 2 }, size, area({ ...size, pixel_ratio: 2 }))).toBeNull();
    const zoomed = { ...size, outer_width: 1300, inner_width: 600, inner_height: 400, pixel_ratio: 2 };
    expect(resize(size, zoomed, most)?.extra?.share).toBe(1);
  });

  it("tells a second display once when it comes and once when it goes", () => {
    expect(display(false, true)?.kind).toBe("display_added");
    expect(display(true, true)).toBeNull();
    expect(display(true, false)?.kind).toBe("display_removed");
    expect(display(false, null)).toBeNull();
    expect(display(null, false)).toBeNull();
  });
});

describe("going away", () => {
  it("is one entry however many events the browser sends, with its length on return", () => {
    const focus = new Away("focus_lost", "focus_regained");
    expect(focus.come(5)).toBeNull();
    expect(focus.leave(1_000, "blur")).toEqual({ kind: "focus_lost", extra: { how: "blur" } });
    expect(focus.leave(1_001, "hidden")).toBeNull();
    expect(focus.lasted(3_000)).toBe(2_000);
    expect(focus.still()).toEqual({ kind: "focus_lost", extra: { how: "still" } });
    expect(focus.come(4_200)).toEqual({ kind: "focus_regained", extra: { away_ms: 3_200 } });
    expect(focus.still()).toBeNull();
  });

  it("has a budget of 30, 15 or 0 seconds outside full screen, or none", () => {
    expect(["lenient", "moderate", "severe", "off"].map(fullScreenBudget)).toEqual([30, 15, 0, null]);
  });
});
