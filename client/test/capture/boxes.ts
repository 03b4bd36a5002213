/** Reads MP4 boxes back, independently of the muxer, for golden tests. */

export interface Box {
  name: string;
  body: Uint8Array;
  children: Box[];
}

const CONTAINERS = new Set(["moov", "trak", "mdia", "minf", "dinf", "stbl", "mvex", "moof", "traf"]);

export function boxes(bytes: Uint8Array): Box[] {
  const found: Box[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > bytes.length) throw new Error(`broken box of ${size} bytes at ${at}`);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const body = bytes.subarray(at + 8, at + size);
    found.push({ name, body, children: CONTAINERS.has(name) ? boxes(body) : [] });
    at += size;
  }
  return found;
}

export function find(all: Box[], path: string): Box {
  const [name, ...rest] = path.split("/");
  const found = all.find((box) => box.name === name);
  if (!found) throw new Error(`no box ${path} among ${all.map((box) => box.name).join(" ")}`);
  return rest.length > 0 ? find(found.children, rest.join("/")) : found;
}

export function tree(all: Box[]): string {
  return all.map((box) => (box.children.length > 0 ? `${box.name}(${tree(box.children)})` : box.name)).join(" ");
}

export function u32At(body: Uint8Array, at: number): number {
  return new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(at);
}

export function u64At(body: Uint8Array, at: number): number {
  return Number(new DataView(body.buffer, body.byteOffset, body.byteLength).getBigUint64(at));
}
