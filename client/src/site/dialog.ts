// Native dialogs. data-dialog-open="id" opens, for one of many with data-dialog-action (where its form goes) and
// data-dialog-who (whom it names); data-dialog-close closes; a form with data-confirm is sent once.

function open(button: Element): void {
  const dialog = document.getElementById(button.getAttribute("data-dialog-open") ?? "");
  if (!(dialog instanceof HTMLDialogElement)) return;
  const action = button.getAttribute("data-dialog-action");
  if (action) dialog.querySelector("form")?.setAttribute("action", action);
  for (const name of dialog.querySelectorAll("[data-dialog-name]")) name.textContent = button.getAttribute("data-dialog-who");
  button.closest<HTMLElement>("[popover]")?.hidePopover();
  dialog.showModal();
}

// A second press while the first is on its way would be a second act; the button stays visible and says it waits.
function sendOnce(form: HTMLFormElement, event: SubmitEvent): void {
  if (form.dataset.sent === "yes") {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
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
    if (form.matches("form[data-confirm]")) sendOnce(form, event);
  });
  // Coming back by the browser's Back button restores the page as it was: let the form be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
    }
  });
}
