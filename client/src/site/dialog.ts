// Native dialogs. data-dialog-open="id" opens, for one of many with data-dialog-action (where its form goes) and
// data-dialog-who (whom it names); data-dialog-close closes. Every form that writes is sent once.

function open(button: Element): void {
  const dialog = document.getElementById(button.getAttribute("data-dialog-open") ?? "");
  if (!(dialog instanceof HTMLDialogElement)) return;
  const action = button.getAttribute("data-dialog-action");
  if (action) dialog.querySelector("form")?.setAttribute("action", action);
  for (const name of dialog.querySelectorAll("[data-dialog-name]")) name.textContent = button.getAttribute("data-dialog-who");
  button.closest<HTMLElement>("[popover]")?.hidePopover();
  dialog.showModal();
}

// An answer takes no longer; a form whose sending was broken off in the browser must not stay dead.
const WAIT_MS = 10_000;

// A second press while the first is on its way would be a second act; the button stays visible and says it waits.
function sendOnce(form: HTMLFormElement, event: SubmitEvent): void {
  if (form.dataset.sent === "yes") {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
  window.setTimeout(() => sendAgain(form), WAIT_MS);
}

function sendAgain(form: HTMLFormElement): void {
  if (!form.dataset.sent) return;
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
}

export function listenForDialogs(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest("[data-dialog-open]");
    if (opener) open(opener);
    if (target.closest("[data-dialog-close]")) target.closest("dialog")?.close();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.method === "post" && !event.defaultPrevented) sendOnce(form, event);
  });
  // Coming back by the browser's Back button restores the page as it was: let the form be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) sendAgain(form);
  });
}
