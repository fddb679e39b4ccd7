// One upgraded connection: writes requests, and finds for each reply the request it belongs to.

import type { Socket } from "node:net";
import type { Call, Carrier } from "./call.ts";
import { type Frame, FrameReader, FrameWriter, MalformedFrame } from "./frame.ts";
import { readReplyHead } from "./reply-head.ts";

/** Of requests that were written and are not answered. One request is always taken, whatever its size. */
const MAX_UNANSWERED = 256;
const MAX_UNANSWERED_BYTES = 16 * 1024 * 1024;
/** Milliseconds without a byte until the connection is closed; less than the server waits. */
const IDLE_MS = 60_000;

export interface ConnectionEvents {
  /** More requests may be written. */
  onRoom(): void;
  /** It has ended; the requests that were written to it have failed. */
  onLost(): void;
}

interface Written {
  readonly call: Call;
  readonly bytes: number;
}

export class Connection implements Carrier {
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #reader = new FrameReader();
  readonly #writer = new FrameWriter();
  /** By number. A request that was given up stays until its reply comes, so that the reply is taken for nothing else. */
  readonly #unanswered = new Map<number, Written>();
  #unansweredBytes = 0;
  #lastNumber = 0;
  #retired = false;
  #lost = false;

  constructor(socket: Socket, events: ConnectionEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("drain", () => events.onRoom());
    socket.on("close", () => this.close(new Error("The connection to the database was lost")));
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    // A connection without a request keeps no process alive.
    socket.unref();
  }

  /** Whether further requests may be written to it, now or when there is room. */
  get usable(): boolean {
    return !this.#retired && !this.#lost;
  }

  /** Writes the first ones of `waiting`, as many as there is room for, all at once, and takes them out of it. */
  write(waiting: Call[]): void {
    let taken = 0;
    for (const call of waiting) {
      if (!this.#hasRoom()) break;
      taken += 1;
      if (!call.over) this.#add(call);
    }
    waiting.splice(0, taken);
    if (this.#writer.bytes > 0) this.#socket.write(this.#writer.take());
  }

  retire(): void {
    this.#retired = true;
    this.#closeIfDone();
  }

  onGivenUp(): void {
    if (this.#retired) this.#closeIfDone();
  }

  /** Ends it; the requests that were written and are not answered fail with `error`. */
  close(error: Error): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#socket.destroy();
    for (const { call } of this.#unanswered.values()) call.fail(error);
    this.#unanswered.clear();
    this.#events.onLost();
  }

  #hasRoom(): boolean {
    return (
      this.usable &&
      !this.#socket.writableNeedDrain &&
      this.#unanswered.size < MAX_UNANSWERED &&
      this.#unansweredBytes < MAX_UNANSWERED_BYTES
    );
  }

  #add(call: Call): void {
    if (this.#unanswered.size === 0) this.#socket.ref();
    this.#lastNumber = (this.#lastNumber + 1) >>> 0;
    const bytes = this.#writer.add(this.#lastNumber, call.operation, call.body);
    call.carrier = this;
    this.#unanswered.set(this.#lastNumber, { call, bytes });
    this.#unansweredBytes += bytes;
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.read(chunk)) this.#take(frame);
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error;
      this.close(error);
      return;
    }
    if (this.#unanswered.size === 0) this.#socket.unref();
    if (this.#retired) this.#closeIfDone();
    else this.#events.onRoom();
  }

  #take({ number, head, body }: Frame): void {
    const written = this.#unanswered.get(number);
    if (written === undefined) throw new MalformedFrame("A reply belongs to no request");
    const { status, writeFailure } = readReplyHead(head);
    this.#unanswered.delete(number);
    this.#unansweredBytes -= written.bytes;
    written.call.answer({ status, text: body, writeFailure });
  }

  #closeIfDone(): void {
    for (const { call } of this.#unanswered.values()) if (!call.over) return;
    this.close(new Error("The connection to the database was given up"));
  }
}
