// The log of one candidate.
import { Log } from "../desk/log";

const log = document.querySelector<HTMLElement>("[data-log]");
if (log) new Log(log).start();
