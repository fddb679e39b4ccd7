// Snappy's block format (google/snappy, format_description.txt), as far as reading needs it.

import { Cursor } from "./cursor.ts";
import { Damage } from "./damage.ts";

const [LITERAL, COPY_1, COPY_2] = [0, 1, 2];

/** The text that `bytes` are the compressed form of. @throws {Damage} when they are none. */
export function uncompressed(bytes: Buffer): Buffer {
  const input = new Cursor(bytes);
  const length = input.varint();
  // No block of a table is larger, whatever a damaged number says.
  if (length > 2 ** 26) throw new Damage("a block is too long");
  const output = Buffer.alloc(length);
  let at = 0;
  while (!input.done) {
    const tag = input.take(1)[0] ?? 0;
    const high = tag >>> 2;
    if ((tag & 3) === LITERAL) {
      const size = (high < 60 ? high : littleEndian(input.take(high - 59))) + 1;
      const literal = input.take(size);
      if (at + size > length) throw new Damage("a block is longer than it says");
      literal.copy(output, at);
      at += size;
    } else {
      const [size, offset] = copyOf(tag, high, input);
      if (offset === 0 || offset > at || at + size > length) throw new Damage("a block refers to nowhere");
      // Byte by byte: what is copied may begin in what is being written.
      for (const end = at + size; at < end; at += 1) output[at] = output[at - offset] ?? 0;
    }
  }
  if (at !== length) throw new Damage("a block is shorter than it says");
  return output;
}

function copyOf(tag: number, high: number, input: Cursor): readonly [size: number, offset: number] {
  const kind = tag & 3;
  if (kind === COPY_1) return [(high & 7) + 4, ((tag >>> 5) << 8) | littleEndian(input.take(1))];
  return [high + 1, littleEndian(input.take(kind === COPY_2 ? 2 : 4))];
}

const littleEndian = (bytes: Buffer): number => bytes.reduceRight((value, byte) => value * 256 + byte, 0);
