/** Messages of invigilators: what came, what the candidate has closed, and what of that the server has not heard yet. */

import type { MessagePush } from "../base/wire";

export interface Message {
  id: string;
  from: string;
  body: string;
  at: string;
  read: boolean;
}

export class Inbox {
  readonly messages: Message[] = [];
  /** Told with each heartbeat until one is answered, whether a socket is open or not. */
  private readonly just_read = new Set<string>();

  get unread(): Message | undefined {
    return this.messages.find((message) => !message.read);
  }

  /** A socket and a heartbeat may bring the same one. */
  take({ id, from, body, at }: MessagePush): void {
    if (!this.messages.some((message) => message.id === id)) this.messages.push({ id, from, body, at, read: false });
  }

  read(id: string): void {
    const message = this.messages.find((one) => one.id === id);
    if (message) message.read = true;
    this.just_read.add(id);
  }

  get untold(): string[] {
    return [...this.just_read];
  }

  told(ids: readonly string[]): void {
    for (const id of ids) this.just_read.delete(id);
  }
}
