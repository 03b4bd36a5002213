/** C7, R-0.23: the candidate's own picture with the recording state. It goes where it is put and never over the answer. */

import { type PropertyValues, type TemplateResult, html } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import { type Box, type Place, aside, inside, moved } from "./camera-place";
import { type Picture, pictureOf } from "./dark-hint";
import { Light, attach, ic, levelBars } from "./parts";

const KEPT = "examhall-camera-place";
const LOOK_EVERY_MS = 500;
const DOCKS_BELOW = "(max-width: 767px)";

interface Kept {
  place: Place | null;
  small: boolean;
}

@customElement("exam-camera")
export class ExamCamera extends Light {
  @property({ attribute: false }) stream: MediaStream | null = null;
  @property({ type: Number }) level = 0;
  @property({ type: Boolean }) recording = false;
  /** Told again and again what the candidate's own picture is like. */
  @property({ attribute: false }) looked: (picture: Picture | null) => void = () => undefined;
  @state() private small = false;
  private place: Place | null = null;
  private drag: { x: number; y: number; from: Box } | null = null;
  private readonly ending = new AbortController();

  override connectedCallback(): void {
    super.connectedCallback();
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? '{"place":null,"small":false}') as Kept;
    this.place = kept.place;
    this.small = kept.small;
    const { signal } = this.ending;
    document.addEventListener("focusin", (event) => this.stepAside(event.target as Element), { signal });
    const looking = setInterval(() => this.looked(pictureOf(this.querySelector("video"))), LOOK_EVERY_MS);
    signal.addEventListener("abort", () => clearInterval(looking));
    window.addEventListener("resize", () => this.put(this.place), { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.ending.abort();
  }

  override firstUpdated(): void {
    this.put(this.place);
  }

  override updated(changed: PropertyValues): void {
    attach(this, "video", this.stream);
    if (changed.has("small")) this.put(this.place);
  }

  private get tool(): HTMLElement | null {
    return this.querySelector<HTMLElement>(".camtool");
  }

  private box(): Box {
    return boxOf(this.tool ?? this);
  }

  /** Null stands where the style sheet puts it. Below 768 px it is docked in the bar and stays there. */
  private put(place: Place | null): void {
    const tool = this.tool;
    if (!tool) return;
    if (!place || matchMedia(DOCKS_BELOW).matches) {
      for (const name of ["left", "top", "right", "bottom"]) tool.style.removeProperty(name);
      return;
    }
    this.place = inside(place, this.box(), view());
    tool.style.setProperty("left", `${this.place.left}px`);
    tool.style.setProperty("top", `${this.place.top}px`);
    tool.style.setProperty("right", "auto");
    tool.style.setProperty("bottom", "auto");
  }

  private keep(): void {
    localStorage.setItem(KEPT, JSON.stringify({ place: this.place, small: this.small } satisfies Kept));
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.toLowerCase() === "m") {
      event.preventDefault();
      this.toggle();
      return;
    }
    const place = moved(event.key, this.box(), view());
    if (!place) return;
    event.preventDefault();
    this.put(place);
    this.keep();
  }

  private toggle(): void {
    this.small = !this.small;
    this.keep();
  }

  private grab(event: PointerEvent): void {
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.drag = { x: event.clientX, y: event.clientY, from: this.box() };
  }

  private pull(event: PointerEvent): void {
    if (!this.drag) return;
    const { from, x, y } = this.drag;
    this.put({ left: from.left + event.clientX - x, top: from.top + event.clientY - y });
  }

  private drop(): void {
    if (!this.drag) return;
    this.drag = null;
    this.keep();
  }

  /** It makes way for the focused control for the moment; the place that was chosen stays the chosen one. */
  private stepAside(focused: Element): void {
    if (this.contains(focused) || matchMedia(DOCKS_BELOW).matches) return;
    const chosen = this.place;
    const place = aside(this.box(), boxOf(focused), view());
    if (place) this.put(place);
    this.place = chosen ?? this.place;
  }

  override render(): TemplateResult {
    const words = this.recording ? "Recording" : "Not recording";
    return html`<section class="camtool ${this.small ? "small" : ""}" aria-label="Your camera" @keydown=${(event: KeyboardEvent) => this.key(event)}>
      <div class="video v43"><video muted autoplay playsinline aria-label="Your camera picture"></video>
        <span class="plate ts">${this.recording ? html`<span class="rec"></span>` : ic("video-off")}${words}</span></div>
      <div class="ct"><button class="btn ico sm quiet grip" aria-label="Move the camera picture, use the arrow keys, Home and End" @pointerdown=${(event: PointerEvent) => this.grab(event)} @pointermove=${(event: PointerEvent) => this.pull(event)} @pointerup=${() => this.drop()}>${ic("grip")}</button>
        ${levelBars(this.level)}
        <button class="btn ico sm quiet" aria-label=${this.small ? "Make the camera picture large" : "Make the camera picture small"} aria-pressed=${this.small} @click=${() => this.toggle()}>${ic(this.small ? "maximize-2" : "minimize-2")}</button></div>
    </section>`;
  }
}

function boxOf(element: Element): Box {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { left, top, width, height };
}

function view(): Box {
  return { left: 0, top: 0, width: innerWidth, height: innerHeight };
}
