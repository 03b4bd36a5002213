/** Tells the invigilator once that the recording is in trouble, and once that it is not any more. */

import type { StorageTrouble } from "./media";

const WORDS: Record<StorageTrouble, string> = {
  device_full: "this computer's storage is full; what does not fit in its memory is lost",
  server_full: "the server's storage is full; it is kept on the candidate's computer",
  not_sent: "nothing of it gets through; it is kept on the candidate's computer",
};

export class RecordingTrouble {
  private told = false;

  constructor(private readonly tell: (words: string) => void) {}

  /** A lost connection is told by the heartbeat that is missing. */
  hear(trouble: StorageTrouble | null, connection_lost: boolean): void {
    const known = trouble === "not_sent" && connection_lost;
    const words = trouble === null ? "it is stored again" : WORDS[trouble];
    if (!known && (trouble !== null || this.told)) this.tell(`recording: ${words}`);
    this.told = trouble !== null && !known;
  }
}
