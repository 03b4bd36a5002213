/** One still of the camera, in the shape and size the analysis sees: 640 x 480, black where the camera shows less. */

import type { LookName } from "../facts";

export interface Look {
  look: LookName;
  /** Base64 of a JPEG. */
  jpeg: string;
}

export const WIDTH_PX = 640;
export const HEIGHT_PX = 480;
/** The server takes no larger one. */
export const MAX_BYTES = 80_000;
/** From good to small; a face in the first is about 40 kB. */
const QUALITIES = [0.85, 0.7, 0.5, 0.3];

export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Where a picture of this size stands: whole, in its own proportions, in the middle. */
export function fitted(width: number, height: number): Place {
  const scale = Math.min(WIDTH_PX / width, HEIGHT_PX / height);
  const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
  return { x: Math.floor((WIDTH_PX - w) / 2), y: Math.floor((HEIGHT_PX - h) / 2), width: w, height: h };
}

/** The first of the pictures that is small enough; `encode` makes one of a quality from 0 to 1. */
export async function smallEnough(encode: (quality: number) => Promise<Blob>): Promise<Blob> {
  for (const quality of QUALITIES) {
    const made = await encode(quality);
    if (made.size <= MAX_BYTES) return made;
  }
  throw new Error("The picture cannot be made small enough.");
}

/** What the video shows now, as base64 of a JPEG. */
export async function stillOf(video: HTMLVideoElement): Promise<string> {
  const canvas = new OffscreenCanvas(WIDTH_PX, HEIGHT_PX);
  const context = canvas.getContext("2d");
  if (!context || !video.videoWidth) throw new Error("The camera shows no picture.");
  context.fillRect(0, 0, WIDTH_PX, HEIGHT_PX); // a JPEG has no holes: what is not drawn is black
  const { x, y, width, height } = fitted(video.videoWidth, video.videoHeight);
  context.drawImage(video, x, y, width, height);
  return base64(await smallEnough((quality) => canvas.convertToBlob({ type: "image/jpeg", quality })));
}

async function base64(blob: Blob): Promise<string> {
  const reader = new FileReader();
  await new Promise<void>((resolve, reject) => {
    reader.onload = () => resolve();
    reader.onerror = () => reject(reader.error ?? new Error("The picture cannot be read."));
    reader.readAsDataURL(blob);
  });
  return String(reader.result).split(",", 2)[1] ?? "";
}
