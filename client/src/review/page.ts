/** The session page: one state, drawn again when it changes; players, keys and verdicts act on it. */

import { render } from "lit";

import type { ClientError } from "../base/errors";
import { spriteAddress } from "../base/look";
import type { Track } from "../base/wire";
import { SessionPlayer, type SessionPlayerEvents } from "../replay/session-player";
import type { Hole } from "../replay/step";
import { lettersAllowed } from "../site/keys";
import { afterCalm, aim, insideOf, leadIn, length, nextOf, previousOf } from "./line";
import { panel } from "./panel";
import { type Incident, Refused, type Session, type Verdict, judge, load } from "./session";
import { timeline } from "./timeline";
import { type Act, transport } from "./transport";

const FRAME_MS = 67;
const JUMP_MS = 5_000;
/** While the exam runs or is analysed there is news; afterwards only the stills' addresses grow old. */
const NEWS_EVERY_MS = 5_000;
const FRESH_EVERY_MS = 3_600_000;

export class ReviewPage {
  private player: SessionPlayer | null = null;
  private at_ms = 0;
  private chosen: Incident | null = null;
  private rate = 1;
  private skipCalm = false;
  private sound = true;
  private table = false;
  private dismissing = false;
  private busy = false;
  private said = "";
  private refused = false;

  constructor(
    private readonly root: HTMLElement,
    private session: Session,
  ) {}

  static async start(root: HTMLElement): Promise<ReviewPage> {
    const page = new ReviewPage(root, await load(root.dataset.session ?? ""));
    page.begin();
    return page;
  }

  private begin(): void {
    const sides = this.session.tracks.flatMap(({ track, playlist }) => {
      const video = this.root.querySelector<HTMLVideoElement>(`[data-video="${track}"]`);
      return video ? [{ track, video, playlist_url: playlist }] : [];
    });
    for (const figure of this.root.querySelectorAll<HTMLElement>("[data-side]")) {
      if (!sides.some((side) => side.track === figure.dataset.side)) this.plate(figure, "be", `No recording of the ${figure.dataset.side === "webcam" ? "camera" : "screen"}`);
    }
    document.addEventListener("keydown", (event) => this.key(event));
    const wanted = /^#at-(\d+)$/.exec(location.hash)?.[1];
    const start_ms = Number(wanted ?? Number.NaN);
    this.chosen = this.session.incidents.find((i) => i.start_ms === start_ms) ?? null;
    if (!this.chosen && this.session.incidents[0]) this.chosen = this.session.incidents[0];
    this.at_ms = this.chosen ? leadIn(this.chosen) : 0;
    if (sides.length) this.player = new SessionPlayer(sides, this.session.gaps, this.at_ms, this.events());
    setInterval(() => void this.refresh(), this.session.finished ? FRESH_EVERY_MS : NEWS_EVERY_MS);
    this.draw();
  }

  private events(): SessionPlayerEvents {
    return {
      time: (t_ms) => this.moved(t_ms),
      hole: (track, hole) => this.showHole(track, hole),
      skipped: (hole) => this.tell(`Nothing was recorded for ${length(hole.to_ms - hole.from_ms)}; playback went on behind it.`),
      fault: (error: ClientError) => this.tell(error.message, true),
    };
  }

  private moved(t_ms: number): void {
    this.at_ms = t_ms;
    const inside = insideOf(this.session.incidents, t_ms);
    if (inside && inside !== this.chosen && this.player?.playing && !this.deciding()) {
      this.chosen = inside;
      this.forget();
    }
    const calmEnd = this.skipCalm && this.player?.playing ? afterCalm(this.session.incidents, t_ms) : null;
    if (calmEnd !== null) this.player?.seek(calmEnd);
    this.draw();
  }

  private draw(): void {
    const { session, at_ms, chosen } = this;
    const inside = insideOf(session.incidents, at_ms);
    const bottom = this.root.querySelector<HTMLElement>("[data-timeline]");
    const side = this.root.querySelector<HTMLElement>("[data-incident]");
    this.redLine(inside);
    if (bottom) {
      if (!bottom.dataset.drawn) bottom.replaceChildren();
      bottom.dataset.drawn = "yes";
      const controls = {
        session, at_ms, rate: this.rate, skipCalm: this.skipCalm, sound: this.sound, playing: this.player?.playing ?? false,
        hasPrevious: previousOf(session.incidents, chosen, at_ms) !== null, hasNext: nextOf(session.incidents, chosen, at_ms) !== null,
        act: (act: Act) => this.act(act), setRate: (rate: number) => this.setRate(rate),
      };
      const line = {
        session, at_ms, chosen, inside, table: this.table,
        seek: (to_ms: number) => this.aimAt(to_ms), choose: (one: Incident) => this.choose(one),
        toggleTable: () => { this.table = !this.table; this.draw(); },
      };
      render([transport(controls), timeline(line)], bottom);
    }
    if (side) render(panel({
      session, at_ms, incident: chosen, dismissing: this.dismissing, busy: this.busy, said: this.said, refused: this.refused,
      seek: (to_ms) => this.seek(to_ms), choose: (one) => this.choose(one), next: () => this.act("next"),
      say: (verdict, reason) => void this.say(verdict, reason), dismiss: (open) => this.openReasons(open),
    }), side);
  }

  /** While playback is inside a marked stretch both pictures carry the red line and the words. */
  private redLine(inside: Incident | null): void {
    const players = this.root.querySelector<HTMLElement>("[data-players]");
    players?.classList.toggle("inviol", inside !== null);
    for (const figure of this.root.querySelectorAll<HTMLElement>("[data-side]")) {
      this.plate(figure, "viol", figure.dataset.side === "webcam" && inside ? inside.label : "");
    }
  }

  private plate(figure: HTMLElement, kind: "be" | "viol", words: string): void {
    let plate = figure.querySelector<HTMLElement>(`[data-plate="${kind}"]`);
    if (!words) return plate?.remove();
    if (!plate) {
      plate = document.createElement("span");
      plate.className = kind === "viol" ? "plate bs viol" : "plate be";
      plate.dataset.plate = kind;
      if (kind === "viol") plate.setAttribute("role", "status");
      figure.append(plate);
    }
    if (plate.textContent !== words) plate.textContent = words;
  }

  private showHole(track: Track, hole: Hole | null): void {
    const figure = this.root.querySelector<HTMLElement>(`[data-side="${track}"]`);
    if (figure) this.plate(figure, "be", hole ? `Gap ${length(hole.to_ms - hole.from_ms)}, cause: ${hole.cause.replace("_", " ")}` : "");
    figure?.classList.toggle("hole", hole !== null);
  }

  private act(act: Act): void {
    const { incidents } = this.session;
    const moves: Record<Act, () => void> = {
      toggle: () => (this.player?.playing ? this.player.pause() : this.player?.play()),
      next: () => this.choose(nextOf(incidents, this.chosen, this.at_ms)),
      previous: () => this.choose(previousOf(incidents, this.chosen, this.at_ms)),
      frame_back: () => this.frame(-FRAME_MS),
      frame_on: () => this.frame(FRAME_MS),
      skip_calm: () => (this.skipCalm = !this.skipCalm),
      sound: () => this.setSound(!this.sound),
    };
    moves[act]();
    this.draw();
  }

  private frame(by_ms: number): void {
    this.player?.pause();
    this.seek(this.at_ms + by_ms);
  }

  private setSound(on: boolean): void {
    this.sound = on;
    const camera = this.root.querySelector<HTMLVideoElement>('[data-video="webcam"]');
    if (camera) camera.muted = !on;
  }

  private setRate(rate: number): void {
    this.rate = rate;
    this.player?.setPlaybackRate(rate);
    this.draw();
  }

  private aimAt(to_ms: number): void {
    const goal = aim(this.session, to_ms);
    if (goal.incident) this.choose(goal.incident);
    else this.seek(goal.at_ms);
  }

  private choose(incident: Incident | null): void {
    if (!incident) return;
    if (incident !== this.chosen) this.forget();
    this.chosen = incident;
    this.seek(leadIn(incident));
  }

  private seek(to_ms: number): void {
    this.at_ms = Math.min(Math.max(0, to_ms), this.session.duration_ms);
    this.player?.seek(this.at_ms);
    this.draw();
  }

  private forget(): void {
    this.dismissing = false;
    this.said = "";
    const note = this.note();
    if (note) note.value = "";
  }

  private note(): HTMLInputElement | null {
    return this.root.querySelector<HTMLInputElement>("[data-note]");
  }

  /** Somebody chooses a reason, writes a note or waits for the answer: playback must not put another incident there. */
  private deciding(): boolean {
    return this.dismissing || this.busy || (this.note()?.value ?? "") !== "";
  }

  private openReasons(open: boolean): void {
    this.dismissing = open;
    this.draw();
    this.root.querySelector<HTMLElement>(open ? "[data-reason]" : "[data-verdict=dismissed]")?.focus();
  }

  private tell(words: string, refused = false): void {
    this.said = words;
    this.refused = refused;
    this.draw();
  }

  private async say(verdict: Verdict["verdict"], reason?: string): Promise<void> {
    const incident = this.chosen;
    if (!incident || this.busy) return;
    this.busy = true;
    const chose = this.dismissing;
    const note = this.note()?.value ?? "";
    try {
      await judge(incident, { verdict, note, verdicts_seen: incident.verdicts.length, ...(reason ? { reason } : {}) });
      this.forget();
      await this.refresh();
      this.tell("Kept. It can be changed; the history stays.");
      if (chose) this.openReasons(false); // what had the focus is gone
    } catch (error) {
      await this.refresh();
      this.tell(error instanceof Refused ? error.message : "It could not be sent. Try again.", true);
    } finally {
      this.busy = false;
      this.draw();
    }
  }

  /** Read everything anew; what was chosen stays chosen. */
  private async refresh(): Promise<void> {
    const fresh = await load(this.root.dataset.session ?? "").catch(() => null);
    if (!fresh) return;
    this.session = fresh;
    this.chosen = fresh.incidents.find((i) => i.id === this.chosen?.id) ?? this.chosen;
    this.head();
    this.draw();
  }

  /** The score and status at the head of the page follow the verdicts. */
  private head(): void {
    const { score } = this.session;
    const set = (name: string, words: string): void => {
      const place = document.querySelector<HTMLElement>(`[${name}]`);
      if (place) place.textContent = words;
    };
    set("data-score-points", String(score.points));
    set("data-score-band", score.band);
    set("data-coverage", score.coverage_percent.toFixed(1));
    const status = document.querySelector<HTMLElement>("[data-status]");
    if (!status) return;
    status.className = `st ${score.status_tone} stlg`;
    status.querySelector("use")?.setAttribute("href", `${spriteAddress()}#${score.status_icon}`);
    const word = [...status.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
    if (word) word.textContent = `${score.status_word} `;
  }

  private key(event: KeyboardEvent): void {
    if (!lettersAllowed(event) || (event.target as Element).closest("[role=slider], select, summary") && event.key.startsWith("Arrow")) return;
    const onButton = (event.target as Element).closest("button, a, summary") !== null;
    if (event.key === " " && onButton) return;
    const acts: Record<string, () => void> = {
      " ": () => this.act("toggle"), k: () => this.act("toggle"),
      n: () => this.act("next"), p: () => this.act("previous"),
      j: () => this.seek(this.at_ms - JUMP_MS), l: () => this.seek(this.at_ms + JUMP_MS),
      ",": () => this.act("frame_back"), ".": () => this.act("frame_on"),
    };
    const verdicts: Record<string, () => void> = {
      c: () => void this.say("confirmed"), u: () => void this.say("unsure"), d: () => this.openReasons(!this.dismissing),
    };
    const found = acts[event.key.toLowerCase()] ?? (this.session.may_decide ? verdicts[event.key.toLowerCase()] : undefined);
    if (!found) return;
    event.preventDefault();
    found();
  }
}
