/** Level of a microphone before anything is recorded, and whether somebody has spoken. */

/** Of full scale, root mean square; ordinary speech at arm's length lies well above. */
export const HEARD_LEVEL = 0.015;

const LOOK_EVERY_MS = 200;
/** 340 ms at 48 kHz: more than passes between two looks, so a short word is never missed. */
const LOOKED_AT = 16_384;
const BLOCK = 2_048;

/** Root mean square of the loudest block. */
function loudest(samples: Float32Array): number {
  let most = 0;
  for (let at = 0; at < samples.length; at += BLOCK) {
    const sum = samples.subarray(at, at + BLOCK).reduce((all, value) => all + value * value, 0);
    most = Math.max(most, Math.sqrt(sum / BLOCK));
  }
  return most;
}

export class SoundMeter {
  level = 0;
  heard = false;
  private readonly context = new AudioContext();
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(stream: MediaStream, onLevel: () => void) {
    const analyser = this.context.createAnalyser();
    analyser.fftSize = LOOKED_AT;
    this.context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.timer = setInterval(() => {
      void this.context.resume(); // a browser may start it suspended until the first click
      analyser.getFloatTimeDomainData(samples);
      const rms = loudest(samples);
      this.heard ||= rms >= HEARD_LEVEL;
      this.level = Math.min(1, rms * 6);
      onLevel();
    }, LOOK_EVERY_MS);
  }

  close(): void {
    clearInterval(this.timer);
    void this.context.close();
  }
}
