// Light, dark, or as the system says. The choice goes to the account of somebody signed in and to a cookie for the sign-in
// page, so the server writes it into the page and nothing flashes.
import { csrfToken } from "../base/look";

type Theme = "" | "light" | "dark";
const YEAR_S = 31_536_000;

function chosen(): Theme {
  const now = document.documentElement.dataset.theme;
  return now === "light" || now === "dark" ? now : "";
}

function choose(theme: Theme): void {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  const age = theme ? YEAR_S : 0;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${theme}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
  show();
  keep(theme);
}

// A choice that could not be kept still holds for this page; it is asked for again on the next one.
function keep(theme: Theme): void {
  const address = document.querySelector<HTMLMetaElement>('meta[name="examhall-theme"]')?.content;
  if (!address) return;
  void fetch(address, { method: "POST", headers: { "X-CSRFToken": csrfToken() }, body: new URLSearchParams({ theme }) }).catch(() => undefined);
}

function show(): void {
  const now = chosen();
  for (const button of document.querySelectorAll<HTMLElement>("[data-theme-value]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeValue === now));
  }
  for (const radio of document.querySelectorAll<HTMLInputElement>("[data-theme-choice] input[type=radio]")) {
    radio.checked = radio.value === now;
  }
}

export function listenForTheme(): void {
  for (const group of document.querySelectorAll<HTMLElement>("[data-theme-choice]")) group.hidden = false;
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-theme-value]");
    if (button) choose((button.dataset.themeValue ?? "") as Theme);
  });
  document.addEventListener("change", (event) => {
    const radio = event.target as HTMLInputElement;
    if (radio.matches("[data-theme-choice] input[type=radio]")) choose(radio.value as Theme);
  });
  show();
}
