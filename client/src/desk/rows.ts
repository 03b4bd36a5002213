// What the dashboard's table does with its rows, apart from the document: which are shown, in which order, what moved.

/** What is known of a row beside its cells. */
export interface RowFacts {
  id: string;
  chip: string;
  attention: boolean;
  /** Name and number in lower case. */
  find: string;
  /** 0 needs a person first; the server says. */
  place: number;
  /** Incidents nobody has reviewed. */
  open: number;
}

export function matches(row: RowFacts, chip: string, text: string): boolean {
  const fits = chip === "all" || (chip === "attention" ? row.attention : row.chip === chip);
  return fits && text.toLocaleLowerCase().trim().split(/\s+/).every((word) => row.find.includes(word));
}

export function chipCounts(rows: readonly RowFacts[]): Map<string, number> {
  const counts = new Map<string, number>([["all", rows.length], ["attention", 0]]);
  for (const row of rows) {
    counts.set(row.chip, (counts.get(row.chip) ?? 0) + 1);
    if (row.attention) counts.set("attention", (counts.get("attention") ?? 0) + 1);
  }
  return counts;
}

/** By attention, like the server; rows that are equal keep the order they have. */
export function byAttention(rows: readonly RowFacts[]): string[] {
  const placed = rows.map((row, at) => ({ row, at }));
  placed.sort((a, b) => a.row.place - b.row.place || b.row.open - a.row.open || a.at - b.at);
  return placed.map(({ row }) => row.id);
}

/** How many rows stand elsewhere in `wanted` in relation to the others: what a held order keeps from moving. */
export function movedCount(shown: readonly string[], wanted: readonly string[]): number {
  const place = new Map(wanted.map((id, at) => [id, at]));
  const places = shown.map((id) => place.get(id) ?? 0);
  return shown.length - longestRising(places);
}

// Rows of the longest rising run of places can stay; all others have to move.
function longestRising(places: readonly number[]): number {
  const ends: number[] = [];
  for (const at of places) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    ends[low] = at;
  }
  return ends.length;
}

/** Numbers by size, words by the alphabet; an empty cell comes last. */
export function compareCells(a: string, b: string): number {
  if (a === "" || b === "") return Number(a === "") - Number(b === "");
  const [left, right] = [Number(a), Number(b)];
  return Number.isNaN(left) || Number.isNaN(right) ? a.localeCompare(b) : left - right;
}
