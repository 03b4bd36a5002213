// The candidate log: filters without losing the place, columns on demand, and new entries that wait until they are asked for.
import { Line } from "./line";
import { prepareTables } from "../site/table";
import { isTyping } from "../site/keys";

const TYPING_MS = 250;
const KEPT = "examhall.log.columns";

export class Log {
  private readonly lines: HTMLElement;
  private readonly form: HTMLFormElement;
  private fresh = 0;
  private asked = 0;

  constructor(private readonly root: HTMLElement) {
    this.lines = root.querySelector("[data-lines]") as HTMLElement;
    this.form = root.querySelector("[data-filter]") as HTMLFormElement;
  }

  start(): void {
    for (const button of document.querySelectorAll<HTMLElement>("[data-go]")) button.hidden = true;
    document.querySelector("[data-attempts] select")?.addEventListener("change", (event) => (event.target as HTMLSelectElement).form?.requestSubmit());
    this.listen();
    this.columns();
    if (this.root.dataset["running"] === "yes") this.follow();
  }

  private listen(): void {
    let typing = 0;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.show("");
    });
    this.form.addEventListener("input", (event) => {
      window.clearTimeout(typing);
      const wait = (event.target as Element).matches("[data-search]") ? TYPING_MS : 0;
      typing = window.setTimeout(() => void this.show(""), wait);
    });
    this.root.addEventListener("click", (event) => this.onClick(event));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "/" || isTyping(event.target)) return;
      event.preventDefault();
      this.form.querySelector<HTMLElement>("[data-search]")?.focus();
    });
  }

  private onClick(event: MouseEvent): void {
    const target = event.target as Element;
    const chip = target.closest<HTMLElement>("[data-group]");
    if (chip) {
      for (const other of this.form.querySelectorAll("[data-group]")) other.setAttribute("aria-pressed", String(other === chip));
      (this.form.elements.namedItem("group") as HTMLInputElement).value = chip.dataset["group"] ?? "";
      void this.show("");
    }
    const leaf = target.closest<HTMLAnchorElement>("[data-page]");
    if (leaf) {
      event.preventDefault();
      void this.show(new URL(leaf.href).searchParams.get("page") ?? "");
    }
    if (target.closest("[data-show-new]")) void this.show("");
  }

  private async show(page: string): Promise<void> {
    const turn = ++this.asked;
    const query = new URLSearchParams(new FormData(this.form) as unknown as Record<string, string>);
    for (const [name, value] of [...query]) if (value === "") query.delete(name);
    if (page) query.set("page", page);
    try {
      const answer = await fetch(`${this.root.dataset["linesUrl"] ?? ""}?${query.toString()}`);
      if (!answer.ok || turn !== this.asked) return; // a later question is on its way
      this.lines.innerHTML = await answer.text(); // our own server's page, escaped there
    } catch {
      return this.say("The log could not be read just now. Try again.");
    }
    history.replaceState(null, "", query.size > 0 ? `?${query.toString()}` : location.pathname);
    this.fresh = 0;
    this.showFresh();
    prepareTables();
  }

  private follow(): void {
    const { tokenUrl, schedule, attempt } = this.root.dataset;
    const line = new Line(tokenUrl ?? "", {
      fresh: () => this.showFresh(),
      stale: () => this.say("Live connection lost, reconnecting. New entries appear when it is back."),
      entries: (entries) => {
        if (entries.length === 0) return;
        this.fresh += entries.length;
        this.showFresh();
      },
    });
    const last = Number(this.lines.querySelector<HTMLElement>("[data-chosen]")?.dataset["last"] ?? "0");
    line.socket.follow(schedule ?? "", last, attempt ?? null);
    line.start();
  }

  // The list does not jump: what is new waits behind a button that says how much it is.
  private showFresh(): void {
    const bar = this.root.querySelector<HTMLElement>("[data-new]");
    if (bar) bar.hidden = this.fresh === 0;
    this.words(`${this.fresh} new ${this.fresh === 1 ? "event" : "events"}: show`);
  }

  private say(text: string): void {
    const bar = this.root.querySelector<HTMLElement>("[data-new]");
    if (bar) bar.hidden = false;
    this.words(text);
  }

  private words(text: string): void {
    const place = this.root.querySelector("[data-new-text]");
    if (place) place.textContent = text;
  }

  // Which optional columns a person wants is kept in the browser; it says nothing about anybody.
  private columns(): void {
    const kept = new Set((localStorage.getItem(KEPT) ?? "").split(" ").filter(Boolean));
    for (const box of document.querySelectorAll<HTMLInputElement>("[data-column-key]")) {
      const key = box.dataset["columnKey"] ?? "";
      box.checked = kept.has(key);
      this.root.classList.toggle(`col-${key}`, box.checked);
      box.addEventListener("change", () => {
        box.checked ? kept.add(key) : kept.delete(key);
        localStorage.setItem(KEPT, [...kept].join(" "));
        this.root.classList.toggle(`col-${key}`, box.checked);
      });
    }
  }
}
