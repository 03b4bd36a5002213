// The line of the recording under the live pictures: where one looks, what was marked, and when it is live.

export interface Mark {
  from_ms: number;
  to_ms: number;
  family: string;
  label: string;
}

const STEP_MS = 5_000;
const PAGE_MS = 60_000;

/** Where a key moves to; null when it is not a key of the line. The end is live. */
export function keyedTo(key: string, at_ms: number, end_ms: number): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: at_ms - STEP_MS,
    ArrowDown: at_ms - STEP_MS,
    ArrowRight: at_ms + STEP_MS,
    ArrowUp: at_ms + STEP_MS,
    PageDown: at_ms - PAGE_MS,
    PageUp: at_ms + PAGE_MS,
    Home: 0,
    End: end_ms,
  };
  const to = steps[key];
  return to === undefined ? null : Math.min(Math.max(0, to), end_ms);
}

/** A mark's place in percent of the line; never so narrow that it cannot be seen. */
export function placed(mark: Mark, end_ms: number): { x: number; width: number } {
  const whole = Math.max(1, end_ms);
  const width = Math.max(1.1, ((mark.to_ms - mark.from_ms) / whole) * 100);
  return { x: Math.min(100 - width, (mark.from_ms / whole) * 100), width };
}

const SVG = "http://www.w3.org/2000/svg";

export function drawMarks(group: SVGGElement, marks: readonly Mark[], end_ms: number, css: (family: string) => string): void {
  group.replaceChildren(
    ...marks.map((mark) => {
      const { x, width } = placed(mark, end_ms);
      const one = document.createElementNS(SVG, "g");
      const name = css(mark.family);
      one.setAttribute("class", name);
      for (const fill of ["", `url(#${name.replace(/^f-/, "pt-")})`]) {
        const bar = document.createElementNS(SVG, "rect");
        const places: Record<string, string> = { x: `${x}%`, y: "4", width: `${width}%`, height: "22", rx: "2" };
        for (const [key, value] of Object.entries(places)) bar.setAttribute(key, value);
        if (fill) bar.setAttribute("fill", fill);
        else bar.setAttribute("class", "fbase");
        one.append(bar);
      }
      return one;
    }),
  );
}
