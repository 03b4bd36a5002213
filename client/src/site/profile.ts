// The proctoring profile: says what was changed and how much, and never lets unsaved changes go silently.

type Control = HTMLInputElement | HTMLSelectElement;

const valueOf = (control: Control): string =>
  control instanceof HTMLInputElement && control.type === "checkbox" ? (control.checked ? "on" : "") : control.value;

const words = (count: number): string => (count === 1 ? "1 setting" : `${count} settings`);

export class Profile {
  private readonly controls: Control[];
  private readonly dialog = document.querySelector<HTMLDialogElement>("#leave");
  private target = "";
  private leaving = false;

  constructor(private readonly form: HTMLFormElement) {
    this.controls = [...form.querySelectorAll<Control>("[data-saved]")];
  }

  start(): void {
    this.form.addEventListener("input", () => this.show());
    this.form.addEventListener("submit", () => (this.leaving = true));
    document.addEventListener("click", (event) => this.onClick(event));
    window.addEventListener("beforeunload", (event) => {
      if (!this.leaving && this.changed().length > 0) event.preventDefault();
    });
    const preset = document.querySelector<HTMLFormElement>("[data-preset]");
    preset?.addEventListener("submit", () => (this.leaving = true));
    this.dialog?.querySelector("[data-leave]")?.addEventListener("click", () => this.leave());
    this.dialog?.querySelector("[data-leave-save]")?.addEventListener("click", () => this.save());
    this.show();
  }

  private changed(): Control[] {
    return this.controls.filter((control) => valueOf(control) !== control.dataset["saved"]);
  }

  private show(): void {
    const changed = new Set(this.changed());
    for (const control of this.controls) {
      const mark = control.closest("[data-option]")?.querySelector<HTMLElement>("[data-changed]");
      if (mark) mark.hidden = !changed.has(control);
    }
    for (const count of document.querySelectorAll<HTMLElement>("[data-group-changes]")) {
      const group = document.getElementById(count.dataset["groupChanges"] ?? "");
      const number = [...changed].filter((control) => group?.contains(control)).length;
      count.hidden = number === 0;
      count.textContent = String(number);
      count.setAttribute("aria-label", `${number} changed`);
    }
    const text = document.querySelector("[data-count-text]");
    const said = changed.size === 0 ? "No changes" : `${changed.size} ${changed.size === 1 ? "change" : "changes"}`;
    if (text && text.textContent !== said) text.textContent = said;
  }

  private onClick(event: MouseEvent): void {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || link.target === "_blank") return;
    if (link.matches("[data-discard]")) {
      this.leaving = true;
      return;
    }
    if (link.getAttribute("href")?.startsWith("#") || this.changed().length === 0) return;
    event.preventDefault();
    this.target = link.href;
    const count = this.dialog?.querySelector("[data-leave-count]");
    if (count) count.textContent = words(this.changed().length);
    this.dialog?.showModal();
  }

  private leave(): void {
    this.leaving = true;
    location.assign(this.target);
  }

  private save(): void {
    (this.form.elements.namedItem("next") as HTMLInputElement).value = this.target;
    this.form.requestSubmit();
  }
}
