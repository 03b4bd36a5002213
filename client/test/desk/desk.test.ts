import { describe, expect, it } from "vitest";
import { effectiveWords, names, pendingWords } from "../../src/desk/acts";
import { type RowFacts, byAttention, chipCounts, compareCells, matches, movedCount } from "../../src/desk/rows";
import { keyedTo, placed } from "../../src/desk/scrub";

const row = (id: string, changes: Partial<RowFacts> = {}): RowFacts => ({
  id, chip: "in_progress", attention: false, find: `${id} 4410`, place: 4, open: 0, ...changes,
});

describe("rows of the dashboard", () => {
  it("are filtered by chip and by every word of the search", () => {
    const one = row("amara okonkwo", { attention: true });
    expect(matches(one, "all", "")).toBe(true);
    expect(matches(one, "attention", "okon AMARA")).toBe(true);
    expect(matches(one, "paused", "")).toBe(false);
    expect(matches(one, "all", "amara 9999")).toBe(false);
  });

  it("are counted by chip, whatever is shown", () => {
    const counts = chipCounts([row("a"), row("b", { chip: "paused", attention: true })]);
    expect([counts.get("all"), counts.get("paused"), counts.get("attention"), counts.get("in_progress")]).toEqual([2, 1, 1, 1]);
  });

  it("come in the order of attention, and equals keep their place", () => {
    expect(byAttention([row("a"), row("b"), row("c", { place: 0 }), row("d", { place: 3, open: 1 }), row("e", { place: 3, open: 2 })])).toEqual(["c", "e", "d", "a", "b"]);
  });

  it("say how many would move, not how many are shifted by them", () => {
    expect(movedCount(["a", "b", "c", "d"], ["a", "b", "c", "d"])).toBe(0);
    expect(movedCount(["a", "b", "c", "d"], ["d", "a", "b", "c"])).toBe(1);
    expect(movedCount(["a", "b", "c", "d"], ["d", "c", "b", "a"])).toBe(3);
  });

  it("sort numbers by size, words by the alphabet, and empty cells last", () => {
    expect(["10", "9", ""].sort(compareCells)).toEqual(["9", "10", ""]);
    expect(["Zoe", "Ada"].sort(compareCells)).toEqual(["Ada", "Zoe"]);
  });
});

describe("dialogs of the interventions", () => {
  it("name whom they are for without growing", () => {
    expect(names(["A"])).toBe("A");
    expect(names(["A", "B", "C"])).toBe("A, B and C");
    expect(names(["A", "B", "C", "D", "E"])).toBe("A, B and 3 more");
  });

  it("say before a grant what the final deadline leaves of it", () => {
    const one = (effective_min: number) => ({ attempt: "x", name: "Amara", effective_min });
    expect(effectiveWords({ minutes: 10, attempts: [one(10)] })).toBe("All 10 min take effect.");
    expect(effectiveWords({ minutes: 10, attempts: [one(6)] })).toContain("Only 6 min");
    expect(effectiveWords({ minutes: 10, attempts: [one(6), one(10)] })).toContain("Amara (6 min)");
  });

  it("say who gets it only at reconnect", () => {
    expect(pendingWords([{ attempt: "x", name: "Amara", offline: false }])).toBe("");
    expect(pendingWords([{ attempt: "x", name: "Amara", offline: true }])).toContain("Amara: pending until reconnect");
  });
});

describe("the line of the recording", () => {
  it("moves by keys and stays inside", () => {
    expect(keyedTo("ArrowLeft", 3000, 60_000)).toBe(0);
    expect(keyedTo("End", 3000, 60_000)).toBe(60_000);
    expect(keyedTo("x", 3000, 60_000)).toBeNull();
  });

  it("keeps short marks visible and inside", () => {
    expect(placed({ from_ms: 0, to_ms: 0, family: "people", label: "" }, 100_000).width).toBe(1.1);
    const last = placed({ from_ms: 100_000, to_ms: 100_000, family: "people", label: "" }, 100_000);
    expect(last.x + last.width).toBeLessThanOrEqual(100);
  });
});
