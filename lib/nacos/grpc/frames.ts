// Messages in a gRPC stream: each has one byte that says whether it is compressed, and its length in four.
// Source: gRPC over HTTP/2, "Length-Prefixed-Message".

import { GRPC_STATUS, GrpcError } from "./status.ts";

const PREFIX = 5;

/** A message as it is sent. */
export function frame(message: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(PREFIX + message.length);
  framed.writeUInt8(0, 0);
  framed.writeUInt32BE(message.length, 1);
  message.copy(framed, PREFIX);
  return framed;
}

const EMPTY: Buffer = Buffer.alloc(0);

/** Takes the bytes of a stream as they arrive, and gives whole messages. */
export class FrameReader {
  readonly #maxBytes: number;
  /** The bytes that wait, with room for more: a sender may split a message into single bytes. */
  #buffer = EMPTY;
  #buffered = 0;

  /** @param maxBytes of one message. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes that wait for the rest of their message. */
  get buffered(): number {
    return this.#buffered;
  }

  /**
   * The messages that `chunk` completes. They may share its memory.
   * @throws {GrpcError} for a message that is too long, as soon as its length is known, and for one that is compressed.
   */
  read(chunk: Buffer): Buffer[] {
    const bytes = this.#buffered === 0 ? chunk : this.#appended(chunk);
    const messages: Buffer[] = [];
    let at = 0;
    while (bytes.length - at >= PREFIX) {
      const end = at + PREFIX + this.#lengthAt(bytes, at);
      if (end > bytes.length) break;
      messages.push(bytes.subarray(at + PREFIX, end));
      at = end;
    }
    if (at > 0 || this.#buffered === 0) this.#keep(bytes.subarray(at));
    return messages;
  }

  #appended(chunk: Buffer): Buffer {
    const needed = this.#buffered + chunk.length;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
      this.#buffer.copy(larger, 0, 0, this.#buffered);
      this.#buffer = larger;
    }
    chunk.copy(this.#buffer, this.#buffered);
    this.#buffered = needed;
    return this.#buffer.subarray(0, needed);
  }

  /** A copy: the messages given out keep the old memory. */
  #keep(rest: Buffer): void {
    this.#buffer = rest.length > 0 ? Buffer.from(rest) : EMPTY;
    this.#buffered = rest.length;
  }

  #lengthAt(bytes: Buffer, at: number): number {
    const compressed = bytes.readUInt8(at);
    if (compressed === 1)
      throw new GrpcError(GRPC_STATUS.UNIMPLEMENTED, "Compressed messages are not supported.");
    if (compressed !== 0) throw new GrpcError(GRPC_STATUS.INTERNAL, "The bytes are not a gRPC message.");
    const length = bytes.readUInt32BE(at + 1);
    if (length <= this.#maxBytes) return length;
    throw new GrpcError(
      GRPC_STATUS.RESOURCE_EXHAUSTED,
      `A message may have ${this.#maxBytes} bytes, not ${length}.`,
    );
  }
}
