// The dashboard of an exam, and the live view of one candidate.
import { Candidate } from "../desk/candidate";
import { Dashboard } from "../desk/dashboard";

const desk = document.querySelector<HTMLElement>("[data-desk]");
if (desk) new Dashboard(desk).start();
const live = document.querySelector<HTMLElement>("[data-live][data-attempt]");
if (live) new Candidate(live).start();
