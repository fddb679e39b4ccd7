// Bytes of messages that wait in memory: of each connection, and of all.

import { GRPC_STATUS, GrpcError } from "../../../lib/nacos/grpc/status.ts";

/** As much as the HTTP API takes, and Nacos. */
export const MAX_MESSAGE_BYTES = 10 * 1024 * 1024;

interface Bytes {
  /** Of messages that have not arrived whole, and of requests that are not answered yet. */
  waiting: number;
  /** Of messages that the client has not read yet. */
  unread: number;
}

/** Bytes that are counted together, and how many there may be. */
export interface Tally extends Bytes {
  readonly limits: Readonly<Bytes>;
}

const tally = (limits: Bytes): Tally => ({ waiting: 0, unread: 0, limits });

export const tallyOfConnection = (): Tally => tally({ waiting: 16 * 1024 * 1024, unread: 32 * 1024 * 1024 });
export const tallyOfAll = (): Tally => tally({ waiting: 64 * 1024 * 1024, unread: 256 * 1024 * 1024 });

export class Traffic {
  readonly #tallies: readonly Tally[];
  readonly #onTooSlow: () => void;

  /**
   * @param tallies in which the bytes count.
   * @param onTooSlow ends the connection, because its client, or all clients together, don't read what is sent.
   */
  constructor(tallies: readonly Tally[], onTooSlow: () => void) {
    this.#tallies = tallies;
    this.#onTooSlow = onTooSlow;
  }

  /** Incomplete messages and requests have grown by so many bytes, or shrunk. @throws {GrpcError} when they are too long together. */
  waits(bytes: number): void {
    this.#count("waiting", bytes);
    if (bytes > 0 && this.#isAbove("waiting"))
      throw new GrpcError(GRPC_STATUS.RESOURCE_EXHAUSTED, "Too many bytes wait for an answer.");
  }

  /** So many bytes are to be sent. */
  sends(bytes: number): void {
    this.#count("unread", bytes);
    if (this.#isAbove("unread")) this.#onTooSlow();
  }

  /** So many bytes have been sent, or dropped. */
  sent(bytes: number): void {
    this.#count("unread", -bytes);
  }

  #count(what: keyof Bytes, bytes: number): void {
    for (const tally of this.#tallies) tally[what] += bytes;
  }

  #isAbove(what: keyof Bytes): boolean {
    return this.#tallies.some((tally) => tally[what] > tally.limits[what]);
  }
}
