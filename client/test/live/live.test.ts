import { describe, expect, it, vi } from "vitest";

import type { MediaHeader } from "../../src/base/wire";
import { type DeskEvents, DeskSocket } from "../../src/live/desk-socket";
import { steer } from "../../src/live/mse-player";

describe("steering", () => {
  it.each([
    [1.05, 1, { act: "hold", rate: 1 }],
    [1.6, 1, { act: "hold", rate: 1.1 }],
    [3.0, 1, { act: "hold", rate: 1.1 }],
    [3.2, 1, { act: "jump", to_s: 98.9 }],
    [-0.5, 1, { act: "jump", to_s: 98.9 }],
    [3.2, 2, { act: "hold", rate: 1.1 }],
  ])("at %f s behind with fragments of %f s does %o", (behind_s, fragment_s, move) => {
    expect(steer(behind_s, fragment_s, 100, 1)).toEqual(move);
  });

  it("keeps its rate inside the slack, so that it does not flutter", () => {
    expect(steer(1.2, 1, 100, 1.1)).toEqual({ act: "hold", rate: 1.1 });
    expect(steer(1.2, 1, 100, 1)).toEqual({ act: "hold", rate: 1 });
  });
});

/** A WebSocket whose other end is the test. */
class FakeSocket extends EventTarget {
  readonly sent: unknown[] = [];
  readyState = 0;
  binaryType = "blob";

  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  bring(received: unknown): void {
    this.dispatchEvent(new MessageEvent("message", { data: received }));
  }

  close(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event("close"));
  }
}

const HEADER: MediaHeader = {
  type: "media", attempt: "a1", track: "webcam", media_epoch: 0, seq: 4, kind: "fragment", t_ms: 3000, d_ms: 1000, key: true,
};

function desk(): { sockets: FakeSocket[]; socket: DeskSocket; events: { [Name in keyof DeskEvents]: ReturnType<typeof vi.fn> } } {
  const sockets: FakeSocket[] = [];
  const events = {
    entries: vi.fn(), changed: vi.fn(), thumb: vi.fn(), media: vi.fn(), connected: vi.fn(), fault: vi.fn(),
  };
  let token = 0;
  const socket = new DeskSocket({
    url: "ws://server/live/v1/desk",
    token: async () => `token-${++token}`,
    events,
    random: () => 0,
    connect: () => {
      const made = new FakeSocket();
      sockets.push(made);
      return made as unknown as WebSocket;
    },
  });
  socket.run().catch((error: unknown) => expect.unreachable(String(error)));
  return { sockets, socket, events };
}

async function nth(sockets: FakeSocket[], count: number): Promise<FakeSocket> {
  await vi.waitUntil(() => sockets.length >= count, { timeout: 2_000, interval: 5 });
  const made = sockets[count - 1] as FakeSocket;
  made.open();
  return made;
}

describe("desk socket", () => {
  it("presents its token first, then what it follows and watches", async () => {
    const { sockets, socket } = desk();
    socket.follow("s1", 12);
    socket.watch([{ attempt: "a1", track: "webcam" }]);
    const open = await nth(sockets, 1);
    expect(open.sent).toEqual([
      { token: "token-1" },
      { type: "feed", schedule: "s1", after: 12 },
      { type: "watch", attempts: [{ attempt: "a1", track: "webcam" }] },
    ]);
    socket.close();
  });

  it("joins a media header with the binary message behind it", async () => {
    const { sockets, socket, events } = desk();
    const open = await nth(sockets, 1);
    const bytes = Uint8Array.of(1, 2, 3).buffer;
    open.bring(JSON.stringify(HEADER));
    open.bring(bytes);
    expect(events.media.mock.calls).toEqual([[HEADER, bytes]]);
    socket.close();
  });

  it("returns after a loss with a fresh token, behind its cursor, watching the same", async () => {
    const { sockets, socket, events } = desk();
    socket.follow("s1", 12);
    socket.watch([{ attempt: "a1", track: "screen" }]);
    const first = await nth(sockets, 1);
    first.bring(JSON.stringify({ type: "entries", entries: [{ number: 13, kind: "x" }, { number: 14, kind: "y" }] }));
    first.close();
    const second = await nth(sockets, 2);
    expect(second.sent).toEqual([
      { token: "token-2" },
      { type: "feed", schedule: "s1", after: 14 },
      { type: "watch", attempts: [{ attempt: "a1", track: "screen" }] },
    ]);
    expect(events.connected.mock.calls).toEqual([[true], [false], [true]]);
    socket.close();
  });

  it.each([
    ["a binary message without a header", [new ArrayBuffer(3)]],
    ["a header without its bytes", [JSON.stringify(HEADER), JSON.stringify({ type: "changed", attempt: "a" })]],
    ["text that is not JSON", ["{"]],
    ["an unknown type", [JSON.stringify({ type: "surprise" })]],
  ])("reports %s and lives on", async (_name, messages) => {
    const { sockets, socket, events } = desk();
    const open = await nth(sockets, 1);
    for (const message of messages) open.bring(message);
    open.bring(JSON.stringify({ type: "changed", attempt: "a9" }));
    expect(events.fault).toHaveBeenCalledTimes(1);
    expect(events.media).not.toHaveBeenCalled();
    expect(events.changed).toHaveBeenLastCalledWith("a9");
    socket.close();
  });
});
