import { describe, expect, it } from "vitest";

import { Away, clipboard, clipboardBlocked, display, fullScreenBudget, inspector, keyCombo, resize } from "../../src/lockdown/signals";

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
    expect(clipboard("paste", 6, true, false).extra).toEqual({ act: "paste", chars: 6, outside: true, blocked: false });
    expect(JSON.stringify(clipboard("paste", "secret".length, true, true))).not.toContain("secret");
  });

  it("lets text of the exam be pasted again when internal, and refuses text from outside", () => {
    expect(clipboardBlocked("internal", "copy", "here", null)).toBe(false);
    expect(clipboardBlocked("internal", "paste", "here", "here")).toBe(false);
    expect(clipboardBlocked("internal", "paste", "outside", "here")).toBe(true);
    expect(clipboardBlocked("disabled", "copy", "x", null)).toBe(true);
    expect(clipboardBlocked("allowed", "paste", "x", null)).toBe(false);
  });
});

describe("the window", () => {
  const size = { inner_width: 1200, inner_height: 800, outer_width: 1200, outer_height: 900, ratio: 1 };

  it("is told when it changes by more than a scroll bar", () => {
    const most = 1200 * 800;
    expect(resize(size, { ...size, inner_width: 1185 }, most)).toBeNull();
    expect(resize(size, { ...size, outer_width: 600 }, most)?.kind).toBe("resize");
  });

  it("says how much of its largest area is left, however small the steps", () => {
    const smaller = { ...size, inner_width: 600, outer_width: 600 };
    expect(resize(size, smaller, 1200 * 800)?.extra).toEqual({ from: "1200x800", to: "600x800", share: 0.5 });
    expect(resize(smaller, { ...smaller, inner_height: 400 }, 1200 * 800)?.extra?.share).toBe(0.25);
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
    { inner_width: 800, inner_height: 533, ratio: 1.5 },
    { inner_width: 1600 },
  ])("does not take %j for them: a bar, a smaller window, a zoom, a larger page", (changed) => {
    expect(inspector(size, { ...size, ...changed })).toBeNull();
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
    expect(focus.come(4_200)).toEqual({ kind: "focus_regained", extra: { away_ms: 3_200 } });
  });

  it("has a budget of 30, 15 or 0 seconds outside full screen, or none", () => {
    expect(["lenient", "moderate", "severe", "off"].map(fullScreenBudget)).toEqual([30, 15, 0, null]);
  });
});
