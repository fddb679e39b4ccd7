// The WebSocket connections that this process holds. A host adds them; a service sends on them. On Lambda there are none: there API
// Gateway holds them.

export interface HeldSocket {
  /** False when it is closed, or was cut off because its client does not read. */
  send(text: string): boolean;
  close(code: number, reason: string): void;
}

export class HeldSockets {
  readonly #sockets = new Map<string, HeldSocket>();

  /** Adds the connection `id`. Returns a function that removes it. */
  add(id: string, socket: HeldSocket): () => void {
    this.#sockets.set(id, socket);
    return () => void this.#sockets.delete(id);
  }

  get(id: string): HeldSocket | undefined {
    return this.#sockets.get(id);
  }
}

/** Those of this process. */
export const heldSockets = new HeldSockets();
