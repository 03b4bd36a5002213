// The invigilation dashboard: rows change in place, a new order waits, old data says that it is old.
import { type Target, listenForActs } from "./acts";
import { Line } from "./line";
import { type RowFacts, byAttention, chipCounts, compareCells, matches, movedCount } from "./rows";
import { Ticking } from "./ticking";
import { prepareTables } from "../site/table";
import { isTyping } from "../site/keys";
import { icon } from "../base/look";

const GATHER_MS = 400;

export class Dashboard {
  private readonly ticking: Ticking;
  private readonly line: Line;
  private readonly body: HTMLTableSectionElement | null;
  private readonly picked = new Set<string>();
  private readonly waiting = new Set<string>();
  private gathering: number | undefined;
  private chip = "all";
  private text = "";
  private hold = true;
  /** A column a person chose to sort by: the order by attention is then not offered. */
  private sorted_by: number | null = null;
  private read_at = "";

  constructor(private readonly root: HTMLElement) {
    this.ticking = new Ticking(root);
    this.body = root.querySelector("tbody");
    this.read_at = root.dataset["now"] ?? "";
    this.line = new Line(root.dataset["tokenUrl"] ?? "", {
      fresh: () => void this.readAgain(null),
      stale: () => this.showStale(true),
      changed: (attempt) => this.gather(attempt),
      heard: () => this.showHeard(),
    });
  }

  start(): void {
    this.ticking.start();
    this.listen();
    listenForActs({
      bulk_url: this.root.dataset["bulkUrl"] ?? "",
      effective_url: this.root.dataset["effectiveUrl"] ?? "",
      targets: () => this.targets(),
      done: () => void this.readAgain([...this.picked]),
    });
    this.line.socket.follow(this.root.dataset["schedule"] ?? "", 0);
    this.line.start();
  }

  private rows(): HTMLTableRowElement[] {
    return this.body ? [...this.body.rows] : [];
  }

  private listen(): void {
    document.addEventListener("click", (event) => this.onClick(event));
    document.addEventListener("keydown", (event) => this.onKey(event));
    this.root.addEventListener("change", (event) => this.onChange(event));
    this.root.querySelector<HTMLInputElement>("[data-search]")?.addEventListener("input", (event) => {
      this.text = (event.target as HTMLInputElement).value;
      this.filter();
    });
  }

  private onClick(event: MouseEvent): void {
    const target = event.target as Element;
    const chip = target.closest<HTMLElement>("[data-chip-key]");
    if (chip) this.choose(chip.dataset["chipKey"] ?? "all");
    if (target.closest("[data-clear]")) this.pick([], false);
    if (target.closest("[data-reorder]")) this.reorder();
    const hold = target.closest<HTMLElement>("[data-hold]");
    if (hold) this.toggleHold(hold);
    const column = target.closest<HTMLElement>("[data-column]");
    if (column) this.sortBy(Number(column.dataset["column"]), column.closest("th") as HTMLTableCellElement);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === "/" && !isTyping(event.target)) {
      event.preventDefault();
      this.root.querySelector<HTMLElement>("[data-search]")?.focus();
    }
    const row = (event.target as Element).closest<HTMLTableRowElement>("tbody > tr");
    if (event.key === "ContextMenu" && row && this.body?.contains(row)) {
      event.preventDefault();
      const attempt = row.dataset["attempt"];
      if (attempt) this.pick([attempt], true, true);
      this.root.querySelector<HTMLElement>(".bulk [data-act]")?.focus();
    }
  }

  private onChange(event: Event): void {
    const box = event.target as HTMLInputElement;
    if (box.matches("[data-pick-all]")) {
      const shown = this.rows().filter((row) => !row.hidden && row.dataset["attempt"]);
      this.pick(shown.map((row) => row.dataset["attempt"] ?? ""), box.checked);
    } else if (box.matches("[data-pick]")) {
      this.pick([box.closest("tr")?.dataset["attempt"] ?? ""], box.checked);
    }
  }

  private pick(attempts: string[], on: boolean, only = false): void {
    if (only || (attempts.length === 0 && !on)) this.picked.clear();
    for (const attempt of attempts) on ? this.picked.add(attempt) : this.picked.delete(attempt);
    this.showPicked();
  }

  private showPicked(): void {
    for (const row of this.rows()) {
      const box = row.querySelector<HTMLInputElement>("[data-pick]");
      if (!box) continue;
      box.checked = this.picked.has(row.dataset["attempt"] ?? "");
      row.setAttribute("aria-selected", String(box.checked));
    }
    const some = this.picked.size > 0;
    const label = this.root.querySelector("[data-picked]");
    if (label && this.root.querySelector("[data-act]")) label.textContent = some ? `${this.picked.size} selected` : "None selected";
    for (const button of this.root.querySelectorAll("[data-act]")) button.setAttribute("aria-disabled", String(!some));
    const clear = this.root.querySelector<HTMLElement>("[data-clear]");
    if (clear) clear.hidden = !some;
    const all = this.root.querySelector<HTMLInputElement>("[data-pick-all]");
    const pickable = this.rows().filter((row) => !row.hidden && row.dataset["attempt"]).length;
    if (all) {
      all.checked = some && this.picked.size >= pickable;
      all.indeterminate = some && this.picked.size < pickable;
    }
  }

  private targets(): Target[] {
    return this.rows()
      .filter((row) => this.picked.has(row.dataset["attempt"] ?? ""))
      .map((row) => ({
        attempt: row.dataset["attempt"] ?? "",
        name: row.dataset["name"] ?? "",
        offline: row.dataset["offline"] === "yes",
      }));
  }

  private choose(chip: string): void {
    this.chip = chip;
    for (const button of document.querySelectorAll<HTMLElement>("[data-chip-key]")) {
      button.setAttribute("aria-pressed", String(button.dataset["chipKey"] === chip));
    }
    this.filter();
  }

  private filter(): void {
    let shown = 0;
    for (const row of this.rows()) {
      row.hidden = !matches(factsOf(row), this.chip, this.text);
      shown += row.hidden ? 0 : 1;
    }
    const all = this.rows().length;
    const count = this.root.querySelector("[data-shown]");
    if (count) count.textContent = shown === all ? `${all} candidates` : `${shown} of ${all} candidates`;
    const none = this.root.querySelector<HTMLElement>("[data-none]");
    if (none) none.hidden = shown > 0;
  }

  private gather(attempt: string): void {
    this.waiting.add(attempt);
    this.gathering ??= window.setTimeout(() => {
      this.gathering = undefined;
      const attempts = [...this.waiting];
      this.waiting.clear();
      void this.readAgain(attempts);
    }, GATHER_MS);
  }

  /** Read rows as they are now; all of them when `attempts` is null. */
  private async readAgain(attempts: string[] | null): Promise<void> {
    const unknown = attempts?.some((one) => !this.rows().some((row) => row.dataset["attempt"] === one)) ?? true;
    const query = unknown ? "" : `?${new URLSearchParams((attempts ?? []).map((one) => ["attempt", one])).toString()}`;
    try {
      const answer = await fetch(`${this.root.dataset["rowsUrl"] ?? ""}${query}`);
      if (!answer.ok) throw new Error(String(answer.status));
      this.take(await answer.text(), query === "");
    } catch {
      this.showStale(true);
      if (attempts) for (const one of attempts) this.waiting.add(one); // asked for again with the next hint
    }
  }

  private take(html: string, whole: boolean): void {
    const holder = document.createElement("template");
    holder.innerHTML = html; // our own server's page, escaped there
    for (const fresh of holder.content.querySelectorAll<HTMLTableRowElement>("tbody > tr")) this.replace(fresh);
    const totals = holder.content.querySelector<HTMLElement>("[data-totals]");
    this.read_at = totals?.dataset["readAt"] ?? this.read_at;
    if (totals) this.ticking.learn(this.read_at);
    if (whole && totals) this.showTotals(totals);
    const proposals = holder.content.querySelector<HTMLElement>("[data-proposals]");
    if (proposals) this.showProposals(proposals);
    const notices = holder.content.querySelector<HTMLElement>("[data-notices]");
    const shown = document.querySelector<HTMLElement>("[data-notices]");
    if (notices && shown && shown.dataset["notices"] !== notices.dataset["notices"]) shown.replaceWith(notices);
    this.showStale(this.line.stale);
    this.settle();
  }

  private showProposals(fresh: HTMLElement): void {
    const old = document.querySelector<HTMLElement>("[data-proposals]");
    if (!old || old.dataset["proposals"] === fresh.dataset["proposals"] || old.querySelector("dialog[open]")) return;
    old.replaceWith(fresh);
  }

  private replace(fresh: HTMLTableRowElement): void {
    const old = document.getElementById(fresh.id);
    if (!old) {
      this.body?.append(fresh);
      return;
    }
    if (old.dataset["html"] === fresh.innerHTML) return;
    const had_focus = old.contains(document.activeElement) ? focusPlace(old as HTMLTableRowElement) : null;
    fresh.dataset["html"] = fresh.innerHTML;
    fresh.tabIndex = (old as HTMLElement).tabIndex;
    old.replaceWith(fresh);
    if (had_focus !== null) (had_focus < 0 ? fresh : fresh.querySelectorAll<HTMLElement>("a, input")[had_focus])?.focus();
  }

  private settle(): void {
    const rows = this.rows().map(factsOf);
    this.showCounts(rows);
    this.filter();
    this.showPicked();
    prepareTables();
    this.ticking.tick();
    const wanted = byAttention(rows);
    const moved = this.sorted_by === null ? movedCount(rows.map((row) => row.id), wanted) : 0;
    if (moved > 0 && !this.hold) return this.reorder();
    const bar = this.root.querySelector<HTMLElement>("[data-moved]");
    if (bar) bar.hidden = moved === 0;
    const words = this.root.querySelector("[data-moved-text]");
    if (words) words.textContent = `${moved} ${moved === 1 ? "candidate stands" : "candidates stand"} elsewhere by now: show the new order`;
  }

  private showCounts(rows: RowFacts[]): void {
    const counts = chipCounts(rows);
    for (const button of document.querySelectorAll<HTMLElement>("[data-chip-key]")) {
      const count = counts.get(button.dataset["chipKey"] ?? "") ?? 0;
      const number = button.querySelector("b");
      if (number) number.textContent = String(count);
      const item = button.closest<HTMLElement>("[data-maybe]");
      if (item) item.hidden = count === 0;
    }
    const open = document.querySelector('[data-total="unreviewed"]');
    if (open) open.textContent = String(rows.reduce((sum, row) => sum + row.open, 0));
    const running = this.rows().filter((row) => ["in_progress", "paused", "interrupted"].includes(row.dataset["chip"] ?? ""));
    const camera = document.querySelector('[data-total="camera"]');
    if (camera) camera.textContent = `${running.filter((row) => row.dataset["onCamera"] === "yes").length} of ${running.length}`;
  }

  private showTotals(totals: HTMLElement): void {
    const camera = document.querySelector('[data-total="camera"]');
    if (camera) camera.textContent = `${totals.dataset["camera"] ?? ""} of ${totals.dataset["running"] ?? ""}`;
  }

  private reorder(): void {
    this.sorted_by = null;
    const rows = new Map(this.rows().map((row) => [row.id, row]));
    for (const id of byAttention([...rows.values()].map(factsOf))) {
      const row = rows.get(id);
      if (row) this.body?.append(row);
    }
    this.markSorted(this.root.querySelector<HTMLTableCellElement>('th:has([data-column="3"])'), "descending");
    this.settle();
  }

  private toggleHold(button: HTMLElement): void {
    this.hold = !this.hold;
    button.setAttribute("aria-pressed", String(this.hold));
    this.settle();
  }

  private sortBy(column: number, head: HTMLTableCellElement): void {
    const down = head.getAttribute("aria-sort") === "ascending";
    const cell = (row: HTMLTableRowElement): string => row.cells[column]?.dataset["sort"] ?? row.cells[column]?.textContent?.trim() ?? "";
    const rows = this.rows().sort((a, b) => compareCells(cell(a), cell(b)) * (down ? -1 : 1));
    this.body?.append(...rows);
    this.sorted_by = column;
    this.markSorted(head, down ? "descending" : "ascending");
    prepareTables();
  }

  private markSorted(head: HTMLTableCellElement | null, order: string): void {
    for (const other of this.root.querySelectorAll("th[aria-sort]")) {
      other.removeAttribute("aria-sort");
      other.querySelector("svg")?.remove();
    }
    head?.setAttribute("aria-sort", order);
    head?.querySelector("button")?.append(icon(order === "ascending" ? "arrow-up" : "arrow-down"));
  }

  private showStale(stale: boolean): void {
    const note = document.querySelector<HTMLElement>("[data-stale]");
    if (note) note.hidden = !stale;
    const at = document.querySelector("[data-stale-at]");
    if (at) at.textContent = this.ticking.words(Date.parse(this.read_at));
    document.body.classList.toggle("stale", stale);
    this.ticking.stand(stale);
    const live = this.root.querySelector<HTMLElement>("[data-live]");
    if (live) live.hidden = stale;
  }

  private showHeard(): void {
    if (this.line.stale) return;
    this.read_at = new Date(this.ticking.now()).toISOString(); // nothing changed without a hint, so the rows are of now
    const words = this.root.querySelector("[data-live-text]");
    if (words) words.textContent = `Live, ${this.ticking.words(this.ticking.now())}`;
  }
}

function focusPlace(row: HTMLTableRowElement): number {
  return [...row.querySelectorAll<HTMLElement>("a, input")].indexOf(document.activeElement as HTMLElement);
}

function factsOf(row: HTMLTableRowElement): RowFacts {
  return {
    id: row.id,
    chip: row.dataset["chip"] ?? "",
    attention: row.dataset["attention"] === "yes",
    find: row.dataset["find"] ?? "",
    place: Number(row.dataset["place"] ?? "9"),
    open: Number(row.dataset["open"] ?? "0"),
  };
}
