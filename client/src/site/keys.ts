// "?" opens the list of keys. Letter keys never act while somebody types, and can be switched off (data-letter-keys="off" on body).

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;
}

export function lettersAllowed(event: KeyboardEvent): boolean {
  if (document.body.dataset.letterKeys === "off" || document.body.classList.contains("exambody")) return false;
  return !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target) && document.querySelector("dialog[open]") === null;
}

export function listenForKeys(): void {
  const list = document.querySelector<HTMLDialogElement>("dialog[data-keys]");
  if (!list) return;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || !lettersAllowed(event)) return;
    event.preventDefault();
    list.showModal();
  });
}
