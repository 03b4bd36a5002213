// One candidate, live: two pictures, what was marked, the log's end, and the interventions. Everything shown is re-read from
// the server when it says that something changed; the page itself decides nothing.
import { Refusal, clear, listenForActs, open as openAct, post, showFault, type ActOptions } from "./acts";
import { Line } from "./line";
import { type Mark, drawMarks, keyedTo } from "./scrub";
import { Ticking } from "./ticking";
import { families } from "../base/look";
import type { MediaHeader, Track } from "../base/wire";
import { MsePlayer } from "../live/mse-player";
import { SessionPlayer } from "../replay/session-player";
import { lettersAllowed } from "../site/keys";

const GATHER_MS = 300;
const BACK_MS = 10_000;
const FLAG_MS = 10_000;
const LATE_S = 12; // the target is 8 s (product.md §10.2); beyond this the picture is called late

export class Candidate {
  private readonly ticking: Ticking;
  private readonly line: Line;
  private readonly players = new Map<Track, MsePlayer>();
  private readonly tracks: Track[];
  private readonly entered_ms: number;
  private readonly acts: ActOptions;
  private replay: SessionPlayer | null = null;
  private gathering: number | undefined;
  private shown = new Map<string, string>();
  private listening = false;

  constructor(private readonly root: HTMLElement) {
    this.ticking = new Ticking(root);
    this.tracks = (root.dataset["tracks"] ?? "").split(" ").filter(Boolean) as Track[];
    this.entered_ms = Date.parse(root.dataset["enteredAt"] ?? "");
    this.line = new Line(root.dataset["tokenUrl"] ?? "", {
      fresh: () => {
        this.showStale(false);
        void this.readAgain();
      },
      stale: () => this.showStale(true),
      changed: () => this.gather(),
      media: (header, bytes) => this.play(header, bytes),
    });
    this.acts = {
      bulk_url: root.dataset["bulkUrl"] ?? "",
      effective_url: root.dataset["effectiveUrl"] ?? "",
      targets: () => [{ attempt: this.attempt, name: root.dataset["name"] ?? "", offline: root.dataset["offline"] === "yes" }],
      done: () => void this.readAgain(),
    };
  }

  start(): void {
    const parts = this.root.querySelector<HTMLTemplateElement>("template[data-parts]");
    if (parts) this.take(parts.content);
    this.ticking.start();
    listenForActs(this.acts);
    for (const track of this.tracks) this.players.set(track, new MsePlayer(this.video("track", track), () => this.plate(track, "cannot be played here")));
    this.listen();
    this.line.socket.watch(this.tracks.map((track) => ({ attempt: this.attempt, track })));
    this.line.socket.follow(this.root.dataset["schedule"] ?? "", Number(this.root.dataset["last"] ?? "0"), this.attempt);
    this.line.start();
    window.setInterval(() => this.showPlace(), 500);
  }

  private get attempt(): string {
    return this.root.dataset["attempt"] ?? "";
  }

  private video(kind: "track" | "replay", track: Track): HTMLVideoElement {
    return this.root.querySelector(`video[data-${kind}="${track}"]`) as HTMLVideoElement;
  }

  private find(where: string): HTMLElement | null {
    return this.root.querySelector<HTMLElement>(where);
  }

  private endMs(): number {
    return Math.max(0, this.ticking.now() - this.entered_ms);
  }

  private play(header: MediaHeader, bytes: ArrayBuffer): void {
    this.players.get(header.track)?.push(header, bytes);
  }

  // The parts of the page

  private gather(): void {
    this.gathering ??= window.setTimeout(() => {
      this.gathering = undefined;
      void this.readAgain();
    }, GATHER_MS);
  }

  private async readAgain(): Promise<void> {
    try {
      const answer = await fetch(this.root.dataset["partsUrl"] ?? "");
      if (!answer.ok) throw new Error(String(answer.status));
      const holder = document.createElement("template");
      holder.innerHTML = await answer.text(); // our own server's page, escaped there
      this.take(holder.content);
    } catch {
      this.showStale(true);
    }
  }

  private take(parts: DocumentFragment): void {
    for (const part of parts.querySelectorAll<HTMLElement>("[data-part]")) {
      const name = part.dataset["part"] ?? "";
      const slot = this.find(`[data-slot="${name}"]`);
      if (!slot || this.shown.get(name) === part.outerHTML) continue;
      this.shown.set(name, part.outerHTML);
      const label = slot.contains(document.activeElement) ? document.activeElement?.getAttribute("aria-label") : null;
      const opened = [...slot.querySelectorAll<HTMLElement>("details[open]")].map((one) => one.dataset["keep"]);
      slot.replaceChildren(part.cloneNode(true));
      for (const one of slot.querySelectorAll<HTMLDetailsElement>("details[data-keep]")) one.open = opened.includes(one.dataset["keep"]);
      if (label) slot.querySelector<HTMLElement>(`[aria-label="${CSS.escape(label)}"]`)?.focus();
      if (name === "messages") slot.scrollTop = slot.scrollHeight;
    }
    this.root.dataset["offline"] = this.find("[data-slot=state] [data-offline]")?.dataset["offline"] ?? "no";
    const open = this.find("[data-slot=incidents] [data-unreviewed]")?.dataset["unreviewed"] ?? "0";
    const count = this.find("[data-unreviewed-count]");
    if (count) {
      count.hidden = open === "0";
      count.textContent = open;
    }
    this.filterIncidents();
    this.drawMarks();
    this.ticking.tick();
  }

  private filterIncidents(): void {
    const wanted = this.root.querySelector<HTMLSelectElement>("[data-incident-filter]")?.value ?? "";
    for (const one of this.root.querySelectorAll<HTMLElement>("[data-incident]")) one.hidden = wanted !== "" && one.dataset["state"] !== wanted;
  }

  private drawMarks(): void {
    const group = this.root.querySelector<SVGGElement>("g[data-marks]");
    const marks = [...this.root.querySelectorAll<HTMLElement>("[data-slot=marks] [data-mark]")].map(
      (one): Mark => ({
        from_ms: Number(one.dataset["from"]),
        to_ms: Number(one.dataset["to"]),
        family: one.dataset["family"] ?? "",
        label: one.dataset["label"] ?? "",
      }),
    );
    if (group) drawMarks(group, marks, this.endMs(), (family) => families[family]?.css ?? "f-person");
  }

  // Pictures

  private plate(track: Track, words: string): void {
    const name = track === "webcam" ? "camera" : "screen";
    const plate = this.find(`[data-side="${track}"] [data-plate]`);
    const text = words === "live" ? `Live ${name}` : `${name[0]?.toUpperCase()}${name.slice(1)}: ${words}`;
    if (plate && plate.textContent !== text) plate.textContent = text;
    const dot = this.find(`[data-side="${track}"] [data-rec]`);
    if (dot) dot.hidden = words !== "live";
  }

  private showPlace(): void {
    const end = this.endMs();
    const at = this.replay ? this.replay.positionMs : end;
    for (const track of this.tracks) this.showSide(track);
    this.find("[data-playhead]")?.setAttribute("x", `${Math.min(100, (at / Math.max(1, end)) * 100)}%`);
    const scrub = this.find("[data-scrub]");
    const words = this.replay ? this.ticking.words(this.entered_ms + at) : "Live";
    scrub?.setAttribute("aria-valuemax", String(Math.round(end / 1000)));
    scrub?.setAttribute("aria-valuenow", String(Math.round(at / 1000)));
    scrub?.setAttribute("aria-valuetext", words);
    const clock = this.find("[data-clock]");
    if (clock) clock.textContent = this.replay ? words : "";
    const live = this.find("[data-to-live]");
    live?.setAttribute("aria-pressed", String(!this.replay));
    const label = live?.querySelector("span");
    if (label) label.textContent = this.replay ? "Back to live" : "Live";
  }

  private showSide(track: Track): void {
    if (this.replay) return this.plate(track, "recorded earlier");
    const video = this.video("track", track);
    const behind_s = (this.endMs() - video.currentTime * 1000) / 1000;
    const delay = this.find(`[data-side="${track}"] [data-delay]`);
    const seen = video.readyState >= 2;
    if (delay) {
      delay.hidden = !seen;
      delay.textContent = `${behind_s.toFixed(1)} s delay`;
    }
    if (!seen) return this.plate(track, "waiting for the picture");
    this.plate(track, behind_s > LATE_S || this.line.stale ? "not live, the last picture" : "live");
  }

  /** Look at what was recorded earlier; the live pictures go on behind it. */
  private seek(t_ms: number): void {
    if (t_ms >= this.endMs() - 3000) return this.toLive();
    const url = this.root.dataset["mediaUrl"] ?? "";
    if (this.replay) {
      this.replay.seek(t_ms);
      this.replay.play();
      return;
    }
    const sides = this.tracks.map((track) => ({ track, video: this.video("replay", track), playlist_url: url.replace("TRACK", track) }));
    this.replay = new SessionPlayer(sides, [], t_ms, {
      time: () => this.showPlace(),
      hole: (track, hole) => this.plate(track, hole ? "nothing recorded here" : "recorded earlier"),
      skipped: () => undefined,
      fault: () => this.toLive(),
    });
    this.replay.play();
    this.showReplay(true);
  }

  private toLive(): void {
    this.replay?.close();
    this.replay = null;
    this.showReplay(false);
    for (const track of this.tracks) void this.video("track", track).play().catch(() => undefined);
    this.showPlace();
  }

  private showReplay(on: boolean): void {
    for (const track of this.tracks) {
      this.video("track", track).hidden = on;
      this.video("replay", track).hidden = !on;
    }
    this.sound();
  }

  private sound(): void {
    const live = this.root.querySelector<HTMLVideoElement>('video[data-track="webcam"]');
    const recorded = this.root.querySelector<HTMLVideoElement>('video[data-replay="webcam"]');
    if (live) live.muted = !this.listening || this.replay !== null;
    if (recorded) recorded.muted = !this.listening;
    this.find("[data-listen]")?.setAttribute("aria-pressed", String(this.listening));
  }

  // What a person does

  private listen(): void {
    this.root.addEventListener("click", (event) => this.onClick(event));
    document.addEventListener("keydown", (event) => this.onKey(event));
    this.find("[data-incident-filter]")?.addEventListener("change", () => this.filterIncidents());
    const scrub = this.find("[data-scrub]");
    scrub?.addEventListener("click", (event) => {
      const box = scrub.getBoundingClientRect();
      this.seek(((event.clientX - box.left) / box.width) * this.endMs());
    });
    scrub?.addEventListener("keydown", (event) => {
      const to = keyedTo(event.key, this.replay?.positionMs ?? this.endMs(), this.endMs());
      if (to === null) return;
      event.preventDefault();
      this.seek(to);
    });
    this.listenForForms();
  }

  private onClick(event: MouseEvent): void {
    const target = event.target as Element;
    const doings: [string, (found: HTMLElement) => void][] = [
      ["[data-flag]", () => this.askFlag()],
      ["[data-verdict]", (button) => this.judge(button)],
      ["[data-seek]", (button) => this.seek(Number(button.closest<HTMLElement>("[data-incident]")?.dataset["startMs"] ?? "0") - 5000)],
      ["[data-back]", () => this.seek((this.replay?.positionMs ?? this.endMs()) - BACK_MS)],
      ["[data-to-live]", () => this.toLive()],
      ["[data-swap]", () => this.find("[data-streams]")?.classList.toggle("swapped")],
      ["[data-full]", () => void this.find("[data-streams]")?.requestFullscreen().catch(() => undefined)],
      ["[data-play]", (button) => this.pauseOrPlay(button)],
      ["[data-listen]", () => {
        this.listening = !this.listening;
        this.sound();
      }],
    ];
    for (const [where, act] of doings) {
      const found = target.closest<HTMLElement>(where);
      if (found) return act(found);
    }
  }

  // Digits open the interventions, and never act by themselves.
  private onKey(event: KeyboardEvent): void {
    if (!lettersAllowed(event)) return;
    if (event.key.toLowerCase() === "s") this.find("[data-swap]")?.click();
    const button = /^[1-8]$/.test(event.key) ? this.find(`[data-slot=acts] [data-place="${event.key}"]`) : null;
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    event.preventDefault();
    if (button.matches("[data-flag]")) this.askFlag();
    else openAct(button.dataset["act"] ?? "", this.acts);
  }

  private pauseOrPlay(button: HTMLElement): void {
    const kind = this.replay ? "replay" : "track";
    const videos = this.tracks.map((track) => this.video(kind, track));
    const playing = videos.some((video) => !video.paused);
    if (this.replay) playing ? this.replay.pause() : this.replay.play();
    else for (const video of videos) playing ? video.pause() : void video.play().catch(() => undefined);
    button.setAttribute("aria-label", playing ? "Play the picture" : "Pause the picture");
    button.querySelector("use")?.setAttribute("href", button.querySelector("use")?.getAttribute("href")?.replace(/#.*/, playing ? "#play" : "#pause") ?? "");
  }

  private listenForForms(): void {
    for (const [id, send] of [["flag-moment", this.sendFlag], ["dismiss", this.sendDismissal]] as const) {
      const dialog = document.getElementById(id) as HTMLDialogElement | null;
      dialog?.addEventListener("submit", (event) => {
        event.preventDefault();
        clear(dialog);
        void send.call(this, dialog).catch((fault: unknown) => showFault(dialog, fault));
      });
    }
  }

  private askFlag(): void {
    const dialog = document.getElementById("flag-moment") as HTMLDialogElement | null;
    if (!dialog) return;
    dialog.querySelector("form")?.reset();
    clear(dialog);
    const at = Math.round(this.replay?.positionMs ?? this.endMs());
    dialog.dataset["atMs"] = String(at);
    const words = dialog.querySelector("[data-flag-when]");
    if (words) words.textContent = `The ten seconds before ${this.ticking.words(this.entered_ms + at)} are marked.`;
    dialog.showModal();
  }

  private async sendFlag(dialog: HTMLDialogElement): Promise<void> {
    const at = Number(dialog.dataset["atMs"] ?? "0");
    const note = dialog.querySelector<HTMLTextAreaElement>("[name=note]")?.value ?? "";
    await post(this.root.dataset["flagUrl"] ?? "", { start_ms: Math.max(0, at - FLAG_MS), end_ms: at, note });
    dialog.close();
    await this.readAgain();
  }

  private judge(button: HTMLElement): void {
    const one = button.closest<HTMLElement>("[data-incident]");
    if (!one) return;
    if (button.dataset["verdict"] === "confirmed") {
      void this.sendVerdict(one.dataset["incident"] ?? "", { verdict: "confirmed", verdicts_seen: Number(one.dataset["seen"]) }).catch((fault: unknown) => {
        window.alert(fault instanceof Refusal ? fault.said.message : "The server could not be reached. Nothing was changed.");
        void this.readAgain();
      });
      return;
    }
    const dialog = document.getElementById("dismiss") as HTMLDialogElement;
    dialog.querySelector("form")?.reset();
    clear(dialog);
    dialog.dataset["incident"] = one.dataset["incident"] ?? "";
    dialog.dataset["seen"] = one.dataset["seen"] ?? "0";
    const what = dialog.querySelector("[data-dismiss-what]");
    if (what) what.textContent = one.querySelector(".fam")?.textContent?.trim() ?? "";
    dialog.showModal();
  }

  private async sendDismissal(dialog: HTMLDialogElement): Promise<void> {
    const fields = Object.fromEntries(new FormData(dialog.querySelector("form") as HTMLFormElement)) as Record<string, string>;
    const said = { verdict: "dismissed", reason: fields["reason"] || null, note: fields["note"] ?? "", verdicts_seen: Number(dialog.dataset["seen"]) };
    await this.sendVerdict(dialog.dataset["incident"] ?? "", said);
    dialog.close();
  }

  private async sendVerdict(incident: string, said: unknown): Promise<void> {
    await post((this.root.dataset["verdictUrl"] ?? "").replace("ID", incident), said);
    await this.readAgain();
  }

  private showStale(stale: boolean): void {
    const note = this.find("[data-stale]");
    if (note) note.hidden = !stale;
    const at = this.find("[data-stale-at]");
    if (at && stale) at.textContent = this.ticking.words(this.ticking.now());
    document.body.classList.toggle("stale", stale);
    this.ticking.stand(stale);
  }
}
