/** Which codec strings to ask for, in which order. H.264 first: it is the only one that every engine encodes and plays. */

import type { Track } from "../base/wire";

/** H.264 levels by macroblocks per frame (table A-1 of the standard), smallest first. */
const LEVELS: readonly (readonly [number, string])[] = [
  [1_620, "1E"],
  [3_600, "1F"],
  [8_192, "28"],
  [22_080, "32"],
  [36_864, "33"],
];

/** Constrained baseline is cheapest for a face; high profile halves the bytes of text on a screen. */
const PROFILE: Record<Track, string> = { webcam: "42E0", screen: "6400" };

export function h264For(track: Track, width: number, height: number): string {
  const blocks = Math.ceil(width / 16) * Math.ceil(height / 16);
  const level = LEVELS.find(([most]) => blocks <= most)?.[1] ?? "33";
  return `avc1.${PROFILE[track]}${level}`;
}

export function codecOrder(track: Track, width: number, height: number): string[] {
  return [h264For(track, width, height), "vp09.00.40.08", "vp08.00.40.08"];
}

/** WebCodecs knows VP8 only by its short name; the init segment needs the long one. */
export function encoderName(codec: string): string {
  return codec.startsWith("vp08") ? "vp8" : codec;
}

/** Largest even size with the frame's proportions inside the box; H.264 4:2:0 cannot hold odd sizes. */
export function fitInto(width: number, height: number, most_width: number, most_height: number): [number, number] {
  const scale = Math.min(1, most_width / width, most_height / height);
  const even = (value: number): number => Math.max(2, Math.round((value * scale) / 2 - 0.25) * 2);
  return [even(width), even(height)];
}
