/** whoever sits in the dark is told so. What is covered or black is no lack of light and is left to the server. */

export interface Picture {
  /** Mean brightness, 0 to 255. */
  luma: number;
  /** Mean of the brightest colour, and the deviation of the one that varies most: together they tell a covered lens. */
  brightest: number;
  deviation: number;
}

const WIDTH = 32;
const HEIGHT = 24;
/** The server's numbers (its detector `camera`), so that both mean the same by dark and covered. */
const DARK_LUMA = 50;
const BLACK_LEVEL = 18;
const FLAT_DEVIATION = 14;
/** From here on it is light again; less would come and go with every cloud. */
const LIGHT_LUMA = 55;
/** Soon enough that nothing is marked at Standard before the hint is heard of. */
const DARK_FOR_MS = 3_000;
const LIGHT_FOR_MS = 2_000;
/** The server grants a minute at most every 15 min; a promise is made only when that is well past. */
export const PROMISE_AGAIN_MS = 16 * 60_000;
const PROMISED_MS = 60_000;

/** What the camera shows now; null while it shows nothing yet. */
export function pictureOf(video: HTMLVideoElement | null): Picture | null {
  if (!video || video.readyState < video.HAVE_CURRENT_DATA) return null;
  const context = new OffscreenCanvas(WIDTH, HEIGHT).getContext("2d");
  if (!context) return null;
  context.drawImage(video, 0, 0, WIDTH, HEIGHT);
  return measured(context.getImageData(0, 0, WIDTH, HEIGHT).data);
}

/** `pixels`: red, green, blue and alpha of each, one after the other. */
export function measured(pixels: Uint8ClampedArray): Picture {
  const [red, green, blue] = [0, 1, 2].map((colour) => spread(pixels.filter((_, at) => at % 4 === colour))) as [Spread, Spread, Spread];
  const colours = [red, green, blue];
  return {
    luma: 0.299 * red.mean + 0.587 * green.mean + 0.114 * blue.mean,
    brightest: Math.max(...colours.map(({ mean }) => mean)),
    deviation: Math.max(...colours.map(({ deviation }) => deviation)),
  };
}

interface Spread {
  mean: number;
  deviation: number;
}

function spread(values: Uint8ClampedArray): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

/** One hint for each time it gets dark; it goes when there is light again, or when the candidate has read it. */
export class DarkHint {
  shown = false;
  /** The hint promises a minute without marks, and that minute is not over. */
  promises = false;
  private promised_ms = 0;
  private told = false;
  private dark_since_ms: number | null = null;
  private light_since_ms: number | null = null;

  /** `key`: under which this browser remembers the last promise, so that a reload makes no new one. */
  constructor(private readonly key: string) {}

  /**
   * Called twice a second. Answers true when the hint has just begun: the log is told then.
   * `picture`: null while nothing is to be told. `reached`: the server hears it now, so it can keep the promise.
   */
  look(picture: Picture | null, now_ms: number, reached: boolean): boolean {
    const dark = picture !== null && isDark(picture, this.told);
    this.dark_since_ms = dark ? (this.dark_since_ms ?? now_ms) : null;
    this.light_since_ms = dark ? null : (this.light_since_ms ?? now_ms);
    if (this.light_since_ms !== null && now_ms - this.light_since_ms >= LIGHT_FOR_MS) {
      this.told = false;
      this.shown = false;
    }
    if (now_ms - this.promised_ms >= PROMISED_MS) this.promises = false;
    if (this.told || this.dark_since_ms === null || now_ms - this.dark_since_ms < DARK_FOR_MS) return false;
    this.told = true;
    this.shown = true;
    this.promises = reached && now_ms - Number(localStorage.getItem(this.key) ?? 0) >= PROMISE_AGAIN_MS;
    if (this.promises) {
      this.promised_ms = now_ms;
      localStorage.setItem(this.key, String(now_ms));
    }
    return true;
  }

  dismiss(): void {
    this.shown = false;
  }
}

function isDark({ luma, brightest, deviation }: Picture, told: boolean): boolean {
  const covered = brightest < BLACK_LEVEL || deviation < FLAT_DEVIATION;
  return !covered && luma < (told ? LIGHT_LUMA : DARK_LUMA);
}
