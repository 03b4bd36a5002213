// The dialogs of the interventions: who it is for, what it would really give, why it was refused. They open, never act by themselves.
import { csrfToken } from "../base/look";
import type { WireError } from "../base/wire";

export interface Target {
  attempt: string;
  name: string;
  offline: boolean;
}

interface Done {
  attempt: string;
  pending: boolean;
  effective_s: number | null;
}
interface Refused {
  attempt: string;
  name: string;
  message: string;
  fields: Record<string, string>;
}
interface BulkReply {
  done: Done[];
  refused: Refused[];
}
interface EffectiveReply {
  minutes: number;
  attempts: { attempt: string; name: string; effective_min: number }[];
}

export interface ActOptions {
  /** Address with ACT in the place of the act. */
  bulk_url: string;
  effective_url: string;
  targets: () => Target[];
  done: () => void;
}

const MANY = 3;

/** "Amara Okonkwo", "A, B and C", "A, B and 12 more". */
export function names(of: readonly string[]): string {
  const [last] = of.slice(-1);
  if (last === undefined) return "nobody";
  if (of.length === 1) return last;
  if (of.length <= MANY) return `${of.slice(0, -1).join(", ")} and ${last}`;
  return `${of.slice(0, MANY - 1).join(", ")} and ${of.length - MANY + 1} more`;
}

/** What a grant would come to: said before it is confirmed, because the final deadline may cut it. */
export function effectiveWords(reply: EffectiveReply): string {
  const cut = reply.attempts.filter((one) => one.effective_min < reply.minutes);
  const minutes = (value: number): string => `${Math.round(value * 10) / 10} min`;
  if (reply.attempts.length === 0) return "";
  if (cut.length === 0) return `All ${minutes(reply.minutes)} take effect.`;
  if (reply.attempts.length === 1) return `Only ${minutes(cut[0]?.effective_min ?? 0)} take effect: the final deadline cuts the rest.`;
  return `The final deadline cuts it for ${cut.map((one) => `${one.name} (${minutes(one.effective_min)})`).join(", ")}.`;
}

export function pendingWords(targets: readonly Target[]): string {
  const away = targets.filter((one) => one.offline).map((one) => one.name);
  if (away.length === 0) return "";
  return `${names(away)}: pending until reconnect. It is in force from now on and shown when they are back.`;
}

export function listenForActs(options: ActOptions): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-act]");
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    open(button.dataset["act"] ?? "", options);
  });
  for (const dialog of document.querySelectorAll<HTMLDialogElement>("[data-act-dialog]")) prepare(dialog, options);
}

export function open(act: string, options: ActOptions): void {
  const dialog = document.querySelector<HTMLDialogElement>(`[data-act-dialog="${act}"]`);
  const targets = options.targets();
  if (!dialog || targets.length === 0) return;
  dialog.querySelector("form")?.reset();
  clear(dialog);
  say(dialog, "[data-who]", `For ${names(targets.map((one) => one.name))}.`);
  const pending = pendingWords(targets);
  const note = dialog.querySelector<HTMLElement>("[data-pending]");
  if (note) note.hidden = pending === "";
  say(dialog, "[data-pending] span", pending);
  dialog.showModal();
  void showEffective(dialog, options);
}

function prepare(dialog: HTMLDialogElement, options: ActOptions): void {
  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(dialog, options);
  });
  dialog.querySelector("[name=minutes]")?.addEventListener("input", () => void showEffective(dialog, options));
}

async function showEffective(dialog: HTMLDialogElement, options: ActOptions): Promise<void> {
  const field = dialog.querySelector<HTMLInputElement>("[name=minutes]");
  if (!field || dialog.dataset["actDialog"] !== "time") return;
  const asked = Number(field.value);
  if (!Number.isInteger(asked) || asked < 1 || asked > 480) return say(dialog, "[data-effective]", "1 to 480 minutes.");
  const query = new URLSearchParams([["minutes", String(asked)], ...options.targets().map((one) => ["attempt", one.attempt])]);
  try {
    const answer = await fetch(`${options.effective_url}?${query.toString()}`, { headers: { Accept: "application/json" } });
    if (answer.ok && field.value === String(asked)) say(dialog, "[data-effective]", effectiveWords((await answer.json()) as EffectiveReply));
  } catch {
    say(dialog, "[data-effective]", "What takes effect could not be asked just now.");
  }
}

async function send(dialog: HTMLDialogElement, options: ActOptions): Promise<void> {
  const button = dialog.querySelector<HTMLButtonElement>("[data-send]");
  const sure = dialog.querySelector<HTMLInputElement>("[data-sure]");
  clear(dialog);
  if (sure && !sure.checked) return refuse(dialog, "Tick the box first: this cannot happen by accident.", []);
  if (!button || button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  const fields = Object.fromEntries(new FormData(dialog.querySelector("form") as HTMLFormElement)) as Record<string, string>;
  const { minutes, ...rest } = fields;
  const body = { ...rest, ...(minutes !== undefined ? { minutes: Number(minutes) } : {}), attempts: options.targets().map((one) => one.attempt) };
  try {
    const reply = await post<BulkReply>(options.bulk_url.replace("ACT", dialog.dataset["actDialog"] ?? ""), body);
    options.done();
    if (reply.refused.length === 0) dialog.close();
    else refuse(dialog, `${reply.done.length} done, ${reply.refused.length} not:`, reply.refused.map((one) => `${one.name}: ${one.message}`));
  } catch (fault) {
    showFault(dialog, fault);
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

/** What the server refused, for the person: the sentence, and the remedy at each field. */
export class Refusal extends Error {
  constructor(readonly said: WireError) {
    super(said.message);
  }
}

export async function post<T>(url: string, body: unknown): Promise<T> {
  const headers = { "X-CSRFToken": csrfToken(), "Content-Type": "application/json", Accept: "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  const said = (await answer.json().catch(() => null)) as unknown;
  if (answer.ok) return said as T;
  throw new Refusal((said as WireError | null) ?? { code: "error", message: "The server could not be reached. Try again.", fields: {} });
}

export function showFault(dialog: HTMLDialogElement, fault: unknown): void {
  const said = fault instanceof Refusal ? fault.said : null;
  const shown = Object.entries(said?.fields ?? {}).filter(([field, remedy]) => fieldError(dialog, field, remedy));
  if (shown.length === 0) refuse(dialog, said?.message ?? "The server could not be reached. Nothing was done; try again.", []);
}

function fieldError(dialog: HTMLDialogElement, field: string, remedy: string): boolean {
  const place = dialog.querySelector<HTMLElement>(`[data-error="${field}"]`);
  const control = dialog.querySelector<HTMLElement>(`[name="${field}"]`);
  if (!place || !control) return false;
  place.hidden = false;
  say(place, "span", remedy);
  control.setAttribute("aria-invalid", "true");
  control.focus();
  return true;
}

function refuse(dialog: HTMLDialogElement, message: string, lines: readonly string[]): void {
  const note = dialog.querySelector<HTMLElement>("[data-refused]");
  if (!note) return;
  note.hidden = false;
  say(note, "p", message);
  note.querySelector("ul")?.replaceChildren(
    ...lines.map((line) => {
      const item = document.createElement("li");
      item.textContent = line;
      return item;
    }),
  );
  note.focus();
}

export function clear(dialog: HTMLDialogElement): void {
  for (const place of dialog.querySelectorAll<HTMLElement>("[data-error], [data-refused]")) place.hidden = true;
  for (const control of dialog.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

function say(within: ParentNode, where: string, text: string): void {
  const place = within.querySelector(where);
  if (place) place.textContent = text;
}
