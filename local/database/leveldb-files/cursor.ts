// Reads LevelDB's encodings one after the other: varints, and byte strings behind their length.

import { Damage } from "./damage.ts";

export class Cursor {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** A base-128 number, lowest group first. @throws {Damage} when it does not end, or is above 2^53. */
  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= Number.MAX_SAFE_INTEGER; scale *= 128) {
      const byte = this.take(1)[0] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new Damage("a number does not end");
  }

  /** The next `length` bytes. @throws {Damage} when there are fewer. */
  take(length: number): Buffer {
    const start = this.#at;
    if (length > this.#end - start) throw new Damage("it ends too soon");
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }

  /** A byte string behind its length. */
  text(): Buffer {
    return this.take(this.varint());
  }
}
