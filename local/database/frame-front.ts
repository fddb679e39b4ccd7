// The services' way to the database: their requests as frames over one connection (lib/storage/frames), answered like those of
// the HTTP API.

import type { Duplex } from "node:stream";
import { onceATurn } from "../../lib/core/once-a-turn.ts";
import {
  type Frame,
  FrameReader,
  FrameWriter,
  isSendable,
  MalformedFrame,
  PROTOCOL,
} from "../../lib/storage/frames/frame.ts";
import { writeReplyHead } from "../../lib/storage/frames/reply-head.ts";
import { switchProtocol, type Upgraded, type UpgradeProtocol } from "../shared/listener/upgrade.ts";
import { type Answer, type Reply, refusal } from "./answers.ts";

/** What one connection may have: beyond it, nothing more is read from it until there is room. */
const MAX_UNANSWERED = 256;
const MAX_UNANSWERED_BYTES = 32 * 1024 * 1024;
/** Of replies that the client has not read. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

/**
 * Passes requests to `answer`, and sends what it replies as it comes, out of order. Replies of one turn of the event loop are sent in one
 * write. Bytes that are no frames end the connection.
 * @param writeFailure why nothing can be written at the moment.
 */
export const frameProtocol = (answer: Answer, writeFailure: () => string | undefined): UpgradeProtocol => ({
  protocol: PROTOCOL,
  take(connection, _request, first) {
    switchProtocol(connection, PROTOCOL, first);
    return new FrameSession(connection, answer, writeFailure);
  },
});

class FrameSession implements Upgraded {
  readonly #connection: Duplex;
  readonly #answer: Answer;
  readonly #writeFailure: () => string | undefined;
  readonly #reader = new FrameReader();
  readonly #writer = new FrameWriter();
  /** Read, and not begun. */
  #received: Frame[] = [];
  readonly #sendSoon = onceATurn(() => this.#send());
  #unanswered = 0;
  #unansweredBytes = 0;
  #ending = false;

  constructor(connection: Duplex, answer: Answer, writeFailure: () => string | undefined) {
    this.#connection = connection;
    this.#answer = answer;
    this.#writeFailure = writeFailure;
    connection.on("data", (chunk: Buffer) => this.#read(chunk));
    connection.on("drain", () => this.#work());
    // The client is gone, whatever it still waits for.
    connection.on("end", () => connection.destroy());
  }

  end(): void {
    this.#ending = true;
    this.#received = [];
    // Otherwise the client's end of the connection would not be noticed.
    this.#connection.resume();
    this.#sendSoon();
  }

  #read(chunk: Buffer): void {
    if (this.#ending) return;
    try {
      this.#received.push(...this.#reader.read(chunk));
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error;
      this.#connection.destroy();
      return;
    }
    this.#work();
  }

  /** Begins with what was read, as far as there is room; reads on when all of it is begun. */
  #work(): void {
    if (this.#ending || this.#connection.destroyed) return;
    let begun = 0;
    for (const frame of this.#received) {
      if (!this.#hasRoom()) break;
      begun += 1;
      this.#begin(frame);
    }
    this.#received.splice(0, begun);
    if (this.#received.length > 0 || !this.#hasRoom()) this.#connection.pause();
    else if (this.#connection.isPaused()) this.#connection.resume();
  }

  #hasRoom(): boolean {
    return (
      this.#unanswered < MAX_UNANSWERED &&
      this.#unansweredBytes < MAX_UNANSWERED_BYTES &&
      this.#writer.bytes + this.#connection.writableLength < MAX_UNREAD_BYTES
    );
  }

  #begin({ number, head: operation, body }: Frame): void {
    let open = true;
    this.#unanswered += 1;
    this.#unansweredBytes += body.length;
    this.#answer(operation, body, (reply) => {
      if (!open) return;
      open = false;
      this.#unanswered -= 1;
      this.#unansweredBytes -= body.length;
      this.#add(number, isSendable(reply.body) ? reply : TOO_LONG);
    });
  }

  #add(number: number, { status, body }: Reply): void {
    this.#writer.add(number, writeReplyHead({ status, writeFailure: this.#writeFailure() }), body);
    this.#sendSoon();
  }

  #send(): void {
    const bytes = this.#writer.take();
    if (this.#connection.destroyed) return;
    if (bytes.length > 0) this.#connection.write(bytes);
    if (!this.#ending) this.#work();
    else if (this.#unanswered === 0) this.#connection.end();
  }
}

const TOO_LONG: Reply = refusal("ResponseTooLargeException", "The reply is longer than a frame may be");
