/** Draws the plot of an incident in the tables of incidents, when its evidence is opened. */

import { render } from "lit";

import { plot } from "./plot";
import { load, type Session } from "./session";

const NOWHERE_MS = -1;

export function drawPlots(table: HTMLElement): void {
  let session: Promise<Session> | null = null;
  table.addEventListener("toggle", (event) => {
    const place = (event.target as HTMLElement).querySelector<HTMLElement>("[data-plot]:empty");
    if (!place) return;
    session ??= load(table.dataset.session ?? "");
    void session.then((all) => {
      const incident = all.incidents.find((one) => one.id === place.dataset.plot);
      if (incident) render(plot(all, incident, NOWHERE_MS), place);
    }, () => (session = null)); // the sentence and the table beside it say the same
  }, true);
}
