/** Level of a microphone before anything is recorded, and whether somebody has spoken. */

/** Of full scale, root mean square; ordinary speech at arm's length lies well above. */
export const HEARD_LEVEL = 0.015;

export class SoundMeter {
  level = 0;
  heard = false;
  private readonly context = new AudioContext();
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(stream: MediaStream, onLevel: () => void) {
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 2048;
    this.context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.timer = setInterval(() => {
      void this.context.resume(); // a browser may start it suspended until the first click
      analyser.getFloatTimeDomainData(samples);
      const rms = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
      this.heard ||= rms >= HEARD_LEVEL;
      this.level = Math.min(1, rms * 6);
      onLevel();
    }, 200);
  }

  close(): void {
    clearInterval(this.timer);
    void this.context.close();
  }
}
