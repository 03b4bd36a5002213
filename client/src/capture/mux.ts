/**
 * Fragmented MP4, as little of it as the recording needs: one init segment, then `moof`+`mdat` pairs.
 * Knows boxes and bytes only; when to cut a fragment is decided in fragment.ts.
 */

const OPUS_PRE_SKIP = 312; // samples at 48 kHz the Opus encoder needs to settle (6.5 ms)
export const VIDEO_TIMESCALE = 90_000;
export const AUDIO_TIMESCALE = 48_000; // Opus in MP4 always counts in 48 kHz
export const VIDEO_TRACK_ID = 1;
export const AUDIO_TRACK_ID = 2;

const SAMPLE_IS_KEY = 0x02000000;
const SAMPLE_DEPENDS = 0x01010000;

export interface VideoFormat {
  /** WebCodecs string, e.g. `avc1.42E01E` or `vp09.00.30.08`. */
  codec: string;
  width: number;
  height: number;
  /** avcC bytes for H.264; absent for VP8 and VP9. */
  description?: Uint8Array;
}

export interface AudioFormat {
  channels: number;
  /** The rate of the microphone before encoding. It is not written: Opus always plays at 48 kHz. */
  sample_rate: number;
}

export interface Sample {
  /** Ms since the attempt was entered, by the server's clock. */
  t_ms: number;
  d_ms: number;
  key: boolean;
  bytes: Uint8Array;
}

type Part = Uint8Array | number[];

function join(parts: readonly Part[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function u16(value: number): number[] {
  return [(value >>> 8) & 255, value & 255];
}

function u32(value: number): number[] {
  return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

function u64(value: number): number[] {
  return [...u32(Math.floor(value / 2 ** 32)), ...u32(value % 2 ** 32)];
}

function ascii(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}

function box(name: string, ...parts: Part[]): Uint8Array {
  const body = join(parts);
  return join([u32(body.length + 8), ascii(name), body]);
}

function fullBox(name: string, version: number, flags: number, ...parts: Part[]): Uint8Array {
  return box(name, u32(version * 2 ** 24 + flags), ...parts);
}

const UNITY_MATRIX = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].flatMap(u32);

/** The `codecs` parameter of the init segment, as MSE and the server's index want it. */
export function codecsOf(video: VideoFormat, audio: AudioFormat | null): string {
  return audio ? `${video.codec},opus` : video.codec;
}

export function initSegment(video: VideoFormat, audio: AudioFormat | null): Uint8Array {
  const ftyp = box("ftyp", ascii("iso5"), u32(512), ascii("iso5iso6mp41"));
  const mvhd = fullBox(
    "mvhd", 0, 0,
    u32(0), u32(0), u32(1000), u32(0), u32(0x10000), u16(0x100), new Uint8Array(10),
    UNITY_MATRIX, new Uint8Array(24), u32(audio ? AUDIO_TRACK_ID + 1 : VIDEO_TRACK_ID + 1),
  );
  const traks = [videoTrak(video)];
  const trexes = [trex(VIDEO_TRACK_ID)];
  if (audio) {
    traks.push(audioTrak(audio));
    trexes.push(trex(AUDIO_TRACK_ID));
  }
  return join([ftyp, box("moov", mvhd, ...traks, box("mvex", ...trexes))]);
}

function trex(id: number): Uint8Array {
  return fullBox("trex", 0, 0, u32(id), u32(1), u32(0), u32(0), u32(0));
}

function videoTrak(video: VideoFormat): Uint8Array {
  const tkhd = tkhdBox(VIDEO_TRACK_ID, 0, video.width, video.height);
  const entry = box(
    video.codec.slice(0, 4),
    new Uint8Array(6), u16(1), new Uint8Array(16), u16(video.width), u16(video.height),
    u32(0x480000), u32(0x480000), u32(0), u16(1), new Uint8Array(32), u16(0x18), u16(0xffff),
    videoConfig(video),
  );
  const vmhd = fullBox("vmhd", 0, 1, new Uint8Array(8));
  return box("trak", tkhd, mdia(VIDEO_TIMESCALE, "vide", vmhd, entry));
}

function audioTrak(audio: AudioFormat): Uint8Array {
  // The input rate is informative in Opus, but Chromium refuses the init when it differs from the sample entry's.
  const dOps = box("dOps", [0, audio.channels], u16(OPUS_PRE_SKIP), u32(AUDIO_TIMESCALE), u16(0), [0]);
  const entry = box(
    "Opus",
    new Uint8Array(6), u16(1), new Uint8Array(8), u16(audio.channels), u16(16), u32(0),
    u32((AUDIO_TIMESCALE * 0x10000) >>> 0), dOps,
  );
  const smhd = fullBox("smhd", 0, 0, u32(0));
  return box("trak", tkhdBox(AUDIO_TRACK_ID, 0x100, 0, 0), mdia(AUDIO_TIMESCALE, "soun", smhd, entry));
}

function tkhdBox(id: number, volume: number, width: number, height: number): Uint8Array {
  return fullBox(
    "tkhd", 0, 3,
    u32(0), u32(0), u32(id), u32(0), u32(0), new Uint8Array(8), u16(0), u16(0), u16(volume), u16(0),
    UNITY_MATRIX, u32(width * 0x10000), u32(height * 0x10000),
  );
}

function mdia(timescale: number, media: string, mediaHeader: Uint8Array, sampleEntry: Uint8Array): Uint8Array {
  const mdhd = fullBox("mdhd", 0, 0, u32(0), u32(0), u32(timescale), u32(0), u16(0x55c4), u16(0));
  const hdlr = fullBox("hdlr", 0, 0, u32(0), ascii(media), new Uint8Array(12), ascii("Examhall"), [0]);
  const dinf = box("dinf", fullBox("dref", 0, 0, u32(1), fullBox("url ", 0, 1)));
  const stbl = box(
    "stbl",
    fullBox("stsd", 0, 0, u32(1), sampleEntry),
    fullBox("stts", 0, 0, u32(0)),
    fullBox("stsc", 0, 0, u32(0)),
    fullBox("stsz", 0, 0, u32(0), u32(0)),
    fullBox("stco", 0, 0, u32(0)),
  );
  return box("mdia", mdhd, hdlr, box("minf", mediaHeader, dinf, stbl));
}

function videoConfig(video: VideoFormat): Uint8Array {
  if (video.codec.startsWith("avc1")) {
    if (!video.description) throw new TypeError("H.264 needs the avcC bytes of the encoder's configuration.");
    return box("avcC", video.description);
  }
  const [, profile = "00", level = "10", depth = "08"] = video.codec.split(".");
  const chroma420 = 1;
  return fullBox(
    "vpcC", 1, 0,
    [Number(profile), Number(level), (Number(depth) << 4) | (chroma420 << 1), 1, 1, 1], u16(0),
  );
}

/**
 * One `moof`+`mdat`. Either list may be empty; the caller keeps each in decoding order without overlap.
 * `seq` is the fragment's number in its media epoch, from 1.
 */
export function fragment(seq: number, video: readonly Sample[], audio: readonly Sample[]): Uint8Array {
  const runs = [
    { id: VIDEO_TRACK_ID, timescale: VIDEO_TIMESCALE, samples: video },
    { id: AUDIO_TRACK_ID, timescale: AUDIO_TIMESCALE, samples: audio },
  ].filter((run) => run.samples.length > 0);
  const build = (offsets: readonly number[]): Uint8Array =>
    box("moof", fullBox("mfhd", 0, 0, u32(seq)), ...runs.map((run, index) => traf(run, offsets[index] ?? 0)));
  const moofBytes = build([]).length; // the offsets have a fixed width, so a first pass gives the size
  const offsets: number[] = [];
  let at = moofBytes + 8;
  for (const run of runs) {
    offsets.push(at);
    at += run.samples.reduce((sum, sample) => sum + sample.bytes.length, 0);
  }
  return join([build(offsets), box("mdat", ...runs.flatMap((run) => run.samples.map((sample) => sample.bytes)))]);
}

interface Run {
  id: number;
  timescale: number;
  samples: readonly Sample[];
}

function traf(run: Run, offset: number): Uint8Array {
  const ticks = (ms: number): number => Math.round((ms * run.timescale) / 1000);
  const start = ticks(run.samples[0]?.t_ms ?? 0);
  const tfhd = fullBox("tfhd", 0, 0x020000, u32(run.id)); // data offsets count from the moof
  const tfdt = fullBox("tfdt", 1, 0, u64(start));
  // Durations are differences of rounded ends: rounding errors never add up over a fragment.
  let at = start;
  const rows = run.samples.flatMap((sample) => {
    const end = Math.max(at + 1, ticks(sample.t_ms + sample.d_ms));
    const row = [...u32(end - at), ...u32(sample.bytes.length), ...u32(sample.key ? SAMPLE_IS_KEY : SAMPLE_DEPENDS)];
    at = end;
    return row;
  });
  const trun = fullBox("trun", 0, 0x000701, u32(run.samples.length), u32(offset), rows);
  return box("traf", tfhd, tfdt, trun);
}
