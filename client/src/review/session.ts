/** One session as the server tells it, and the acts a reviewer may do with it. Times: ms since the attempt was entered. */

import { csrfToken } from "../base/look";
import type { Gap, Track } from "../base/wire";

export interface Still {
  track: Track;
  label: string;
  offset_ms: number;
  url: string;
}

export interface Verdict {
  by: string;
  verdict: "confirmed" | "dismissed" | "unsure";
  reason: string;
  note: string;
  at: string;
}

export interface Paper {
  what: string;
  version: string;
  sha256: string;
}

export interface PlotRow {
  from_ms: number;
  to_ms: number;
  highest: number;
  reached: boolean;
}

export interface Incident {
  id: string;
  kind: string;
  family: string;
  label: string;
  title: string;
  start_ms: number;
  end_ms: number;
  open_ended: boolean;
  repeated: boolean;
  severity: number;
  confidence: number;
  count: number;
  detector: string;
  rules: string;
  level: string;
  measured: number | null;
  threshold: number | null;
  unit: string;
  needed_s: number;
  explanation: string;
  plot: [number, number][];
  plot_threshold: number | null;
  plot_unit: string;
  plot_words: string;
  plot_rows: PlotRow[];
  state: string;
  stills: Still[];
  verdicts: Verdict[];
  fails_when: string;
  not_shown: string;
  client_note: string;
  papers: Paper[];
}

export interface Lane {
  family: string;
  count: number;
  off: string;
  beyond: string;
}

export interface Reason {
  code: string;
  words: string;
}

export interface Score {
  points: number;
  band: string;
  text: string;
  status: "pass" | "fail" | "incomplete";
  status_word: string;
  status_icon: string;
  status_tone: string;
  coverage_percent: number;
}

export interface Session {
  attempt: string;
  candidate: string;
  entered_at: string;
  offset_min: number;
  duration_ms: number;
  running: boolean;
  tracks: { track: Track; playlist: string }[];
  gaps: Gap[];
  lanes: Lane[];
  incidents: Incident[];
  arranged: string;
  analysed_to_ms: number;
  finished: boolean;
  score: Score;
  reasons: Reason[];
  may_decide: boolean;
}

/** What the server refused, in its own words. */
export class Refused extends Error {}

export async function load(url: string): Promise<Session> {
  return (await answer(await fetch(url, { headers: { accept: "application/json" } }))) as Session;
}

export interface Judgement {
  verdict: Verdict["verdict"];
  reason?: string;
  note: string;
  verdicts_seen: number;
}

export async function judge(incident: Incident, said: Judgement): Promise<Incident> {
  const response = await fetch(`/incidents/${incident.id}/verdict`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", "x-csrftoken": csrfToken() },
    body: JSON.stringify(said),
  });
  return (await answer(response)) as Incident;
}

async function answer(response: Response): Promise<unknown> {
  if (response.ok) return response.json();
  const told = (await response.json().catch(() => null)) as { message?: string } | null;
  throw new Refused(told?.message ?? "The server did not answer as expected. Reload the page.");
}
