// Tables with data-rows: arrow keys move between rows, Space selects, Enter opens, the Menu key opens the row's actions.
// One row is in the tab order (roving), so Tab passes a table of forty rows in one step.
import { isTyping } from "./keys";

// A table inside a cell has no rows of its own here, and what only backs the row above it is passed over.
const ROW = "table[data-rows] > tbody > tr:not(.backing)";

const rowsOf = (table: Element): HTMLTableRowElement[] => [...table.querySelectorAll<HTMLTableRowElement>(ROW)];

function focusRow(rows: HTMLTableRowElement[], at: number): void {
  const row = rows[Math.max(0, Math.min(rows.length - 1, at))];
  if (!row) return;
  for (const other of rows) other.tabIndex = other === row ? 0 : -1;
  row.focus();
}

const steps: Record<string, (at: number, last: number) => number> = {
  ArrowDown: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  Home: () => 0,
  End: (_, last) => last,
  PageDown: (at) => at + 10,
  PageUp: (at) => at - 10,
};

const acts: Record<string, string> = { " ": "input[type=checkbox]", Enter: "a[href]", ContextMenu: "[popovertarget]" };

function onKey(event: KeyboardEvent): void {
  const row = (event.target as Element).closest<HTMLTableRowElement>(ROW);
  if (!row || isTyping(event.target)) return;
  const rows = rowsOf(row.closest("table") as HTMLTableElement);
  const step = steps[event.key];
  if (step) {
    event.preventDefault();
    focusRow(rows, step(rows.indexOf(row), rows.length - 1));
    return;
  }
  const act = acts[event.key];
  if (act && event.target === row) {
    event.preventDefault();
    row.querySelector<HTMLElement>(act)?.click();
  }
}

// Also for rows that came later: whoever changes a table's rows calls this; after an htmx swap it is called by itself.
export function prepareTables(): void {
  for (const table of document.querySelectorAll("table[data-rows]")) {
    const rows = rowsOf(table);
    const current = rows.find((row) => row === document.activeElement) ?? rows.find((row) => row.tabIndex === 0) ?? rows[0];
    for (const row of rows) row.tabIndex = row === current ? 0 : -1;
  }
}

export function listenForTables(): void {
  prepareTables();
  document.addEventListener("htmx:afterSettle", prepareTables);
  document.addEventListener("keydown", onKey);
  // A ticked box marks its row; the tint follows without the page's help.
  document.addEventListener("change", (event) => {
    const box = event.target as HTMLInputElement;
    if (!box.matches("table[data-rows] tbody input[type=checkbox]")) return;
    box.closest("tr")?.setAttribute("aria-selected", String(box.checked));
  });
}
