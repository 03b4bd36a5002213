/** Where the camera tool stands: plain geometry in CSS px, from the window's top left. */

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Place {
  left: number;
  top: number;
}

export const STEP_PX = 16;
const MARGIN_PX = 12;

/** Kept inside the window, clear of its edges. */
export function inside(place: Place, tool: Box, view: Box): Place {
  const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), Math.max(low, high));
  return {
    left: clamp(place.left, view.left + MARGIN_PX, view.left + view.width - tool.width - MARGIN_PX),
    top: clamp(place.top, view.top + MARGIN_PX, view.top + view.height - tool.height - MARGIN_PX),
  };
}

/** Arrow keys move it by 16 px; Home and End go through the four corners; null for any other key. */
export function moved(key: string, tool: Box, view: Box): Place | null {
  const steps: Record<string, [number, number]> = {
    ArrowLeft: [-STEP_PX, 0],
    ArrowRight: [STEP_PX, 0],
    ArrowUp: [0, -STEP_PX],
    ArrowDown: [0, STEP_PX],
  };
  const step = steps[key];
  if (step) return inside({ left: tool.left + step[0], top: tool.top + step[1] }, tool, view);
  if (key !== "Home" && key !== "End") return null;
  const all = corners(tool, view);
  const at = nearest(tool, all);
  return all[(at + (key === "End" ? 1 : 3)) % 4] ?? null;
}

/** Clockwise from the top left. */
export function corners(tool: Box, view: Box): Place[] {
  const far = 1e6;
  return [
    inside({ left: -far, top: -far }, tool, view),
    inside({ left: far, top: -far }, tool, view),
    inside({ left: far, top: far }, tool, view),
    inside({ left: -far, top: far }, tool, view),
  ];
}

/** Where it goes when the focused control would be under it: the nearest corner that leaves it free, or nowhere. */
export function aside(tool: Box, focused: Box, view: Box): Place | null {
  if (!meets(tool, focused)) return null;
  const free = corners(tool, view).filter((place) => !meets({ ...tool, ...place }, focused));
  return free.sort((a, b) => distance(tool, a) - distance(tool, b))[0] ?? null;
}

function meets(a: Box, b: Box): boolean {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;
}

function distance(a: Place, b: Place): number {
  return Math.hypot(a.left - b.left, a.top - b.top);
}

function nearest(tool: Place, places: Place[]): number {
  let best = 0;
  places.forEach((place, index) => {
    if (distance(tool, place) < distance(tool, places[best] ?? place)) best = index;
  });
  return best;
}
