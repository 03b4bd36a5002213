// Tables of a session's incidents: their plots.
import { drawPlots } from "../review/log";

for (const table of document.querySelectorAll<HTMLElement>("[data-session]")) drawPlots(table);
