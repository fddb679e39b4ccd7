// Frames: requests and replies of the embedded database over one connection, in both directions the same form. Integers are
// big-endian:
//   4 bytes  length of what follows
//   4 bytes  number: a reply has its request's
//   1 byte   length of the head
//   head     UTF-8: of a request the operation, of a reply see reply-head.ts
//   body     UTF-8, the rest: JSON

/** Name and version of the protocol, in `Upgrade`. */
export const PROTOCOL = "cfmp-database-frames/1";

export interface Frame {
  readonly number: number;
  readonly head: string;
  readonly body: string;
}

/** DynamoDB's own limit of a request. Its pages have 1 MB at most, whose JSON is a few times as long. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;

const LENGTH_BYTES = 4;
/** Number and length of the head: what each frame has after its length. */
const FIXED_BYTES = 5;
const MAX_HEAD_BYTES = 255;
const SHORTEST = FIXED_BYTES;
const LONGEST = FIXED_BYTES + MAX_HEAD_BYTES + MAX_BODY_BYTES;

/** Bytes arrived that are no frames; nothing that follows them on this connection can be read. */
export class MalformedFrame extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MalformedFrame";
  }
}

/** Whether a frame may have this body. A UTF-16 code unit is 3 bytes in UTF-8 at most, so most need not be measured. */
export const isSendable = (body: string | Uint8Array): boolean =>
  body.length * 3 <= MAX_BODY_BYTES || Buffer.byteLength(body) <= MAX_BODY_BYTES;

interface Measured {
  readonly number: number;
  readonly head: string;
  /** A text, or its bytes in UTF-8. */
  readonly body: string | Uint8Array;
  readonly headBytes: number;
  readonly bodyBytes: number;
}

/** Gathers frames that are sent together. */
export class FrameWriter {
  #frames: Measured[] = [];
  #bytes = 0;

  /** Bytes gathered. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `body` is a text, or its bytes in UTF-8. Returns the frame's length in bytes. @throws {RangeError} for a head or body that is too long; nothing is added then. */
  add(number: number, head: string, body: string | Uint8Array): number {
    const headBytes = Buffer.byteLength(head);
    const bodyBytes = typeof body === "string" ? Buffer.byteLength(body) : body.length;
    if (headBytes > MAX_HEAD_BYTES || bodyBytes > MAX_BODY_BYTES) throw new RangeError("A frame is too long");
    const bytes = LENGTH_BYTES + FIXED_BYTES + headBytes + bodyBytes;
    this.#frames.push({ number, head, body, headBytes, bodyBytes });
    this.#bytes += bytes;
    return bytes;
  }

  /** All frames since the last call, in the order in which they were added. */
  take(): Buffer {
    const bytes = Buffer.allocUnsafe(this.#bytes);
    let at = 0;
    for (const { number, head, body, headBytes, bodyBytes } of this.#frames) {
      at = bytes.writeUInt32BE(FIXED_BYTES + headBytes + bodyBytes, at);
      at = bytes.writeUInt32BE(number, at);
      at = bytes.writeUInt8(headBytes, at);
      at += bytes.write(head, at);
      if (typeof body === "string") at += bytes.write(body, at);
      else {
        bytes.set(body, at);
        at += bodyBytes;
      }
    }
    this.#frames = [];
    this.#bytes = 0;
    return bytes;
  }
}

/** Finds the frames in a stream of bytes, however it is cut. Keeps one incomplete frame at most. */
export class FrameReader {
  #parts: Buffer[] = [];
  #kept = 0;
  /** Bytes that have to be there until something more can be read. */
  #wanted = LENGTH_BYTES;

  /** Returns the frames that end in `chunk`. @throws {MalformedFrame}; this reader can't be used again then. */
  read(chunk: Buffer): Frame[] {
    this.#parts.push(chunk);
    this.#kept += chunk.length;
    if (this.#kept < this.#wanted) return [];
    const bytes = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts, this.#kept);
    const frames: Frame[] = [];
    let at = 0;
    this.#wanted = LENGTH_BYTES;
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = lengthAt(bytes, at);
      if (bytes.length - at < LENGTH_BYTES + length) {
        this.#wanted = LENGTH_BYTES + length;
        break;
      }
      at += LENGTH_BYTES;
      frames.push(frameAt(bytes, at, length));
      at += length;
    }
    this.#kept = bytes.length - at;
    this.#parts = this.#kept === 0 ? [] : [bytes.subarray(at)];
    return frames;
  }
}

function lengthAt(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at);
  if (length < SHORTEST || length > LONGEST) throw new MalformedFrame(`A frame can't have ${length} bytes`);
  return length;
}

function frameAt(bytes: Buffer, at: number, length: number): Frame {
  const headAt = at + FIXED_BYTES;
  const bodyAt = headAt + bytes.readUInt8(at + FIXED_BYTES - 1);
  const end = at + length;
  if (bodyAt > end) throw new MalformedFrame("A frame's head is longer than the frame");
  return {
    number: bytes.readUInt32BE(at),
    head: bytes.toString("utf8", headAt, bodyAt),
    body: bytes.toString("utf8", bodyAt, end),
  };
}
