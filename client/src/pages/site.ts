// Small improvements every page shares. Without this script each page still works: forms post, links lead on.
import htmx from "htmx.org";
import { startClocks } from "../site/clock";
import { listenForDialogs } from "../site/dialog";
import { listenForKeys } from "../site/keys";
import { listenForTables } from "../site/table";
import { listenForTheme } from "../site/theme";
import { csrfToken } from "../base/look";

// No eval and no injected style: the content security policy forbids both.
htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
document.addEventListener("htmx:configRequest", (event) => {
  const { headers } = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
  headers["X-CSRFToken"] = csrfToken();
});

// A message or note with data-closes goes when its button is pressed, never by itself.
function listenForClosing(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-close]")) button.hidden = false;
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest("[data-close]");
    button?.closest("[data-closes]")?.remove();
  });
}

listenForTheme();
listenForDialogs();
listenForClosing();
listenForKeys();
listenForTables();
startClocks();
if (document.querySelector("[data-unsent]")) void import("../site/unsent").then(({ showUnsent }) => showUnsent());
document.querySelector<HTMLElement>("[data-focus-first]")?.focus();
