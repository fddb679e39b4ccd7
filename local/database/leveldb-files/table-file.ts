// LevelDB's tables (its doc/table_format.md): blocks with a checksum each, and an index of them at the end.

import { crc32c } from "./crc32c.ts";
import { Cursor } from "./cursor.ts";
import { Damage } from "./damage.ts";
import { unmasked } from "./log-records.ts";
import { uncompressed } from "./snappy.ts";

const FOOTER = 48;
/** 0xdb4775248b80fb57, lowest byte first. */
const MAGIC = Buffer.from("57fb808b247547db", "hex");
/** Type (1) and checksum (4) behind each block. */
const TRAILER = 5;
const [PLAIN, SNAPPY] = [0, 1];

interface Handle {
  readonly offset: number;
  readonly size: number;
}

/** Compares every block of a table with its checksum. @throws {Damage} at the first that does not fit. */
export function verifyTable(bytes: Buffer): void {
  if (bytes.length < FOOTER || !bytes.subarray(-MAGIC.length).equals(MAGIC)) {
    throw new Damage("it does not end as a table does");
  }
  const footer = new Cursor(bytes, bytes.length - FOOTER, bytes.length - MAGIC.length);
  const [others, index] = [handle(footer), handle(footer)];
  for (const block of [...entries(bytes, others), ...entries(bytes, index)]) verifyBlock(bytes, block);
}

function verifyBlock(bytes: Buffer, { offset, size }: Handle): void {
  const end = offset + size;
  if (end + TRAILER > bytes.length - FOOTER) throw new Damage(`a block at ${offset} lies outside`);
  // The checksum covers the type behind the block, too.
  if (unmasked(bytes.readUInt32LE(end + 1)) !== crc32c(bytes, offset, end + 1)) {
    throw new Damage(`a block at ${offset} does not fit its checksum`);
  }
}

/**
 * All rows of a table, also those that were overwritten or deleted since: the key, with 8 bytes of LevelDB's own behind it, and the
 * value. @throws {Damage}
 */
export function* tableRows(bytes: Buffer): Generator<readonly [key: Buffer, value: Buffer]> {
  const footer = new Cursor(bytes, bytes.length - FOOTER, bytes.length - MAGIC.length);
  handle(footer);
  for (const block of entries(bytes, handle(footer))) yield* rowsIn(bytes, block);
}

/** Where the blocks are that an index block names. */
const entries = (bytes: Buffer, at: Handle): readonly Handle[] =>
  [...rowsIn(bytes, at)].map(([, value]) => handle(new Cursor(value)));

/** The rows of a block. */
function* rowsIn(bytes: Buffer, at: Handle): Generator<readonly [key: Buffer, value: Buffer]> {
  verifyBlock(bytes, at);
  const stored = bytes.subarray(at.offset, at.offset + at.size);
  const type = bytes[at.offset + at.size];
  if (type !== PLAIN && type !== SNAPPY) throw new Damage(`a block at ${at.offset} is of no known type`);
  const block = type === SNAPPY ? uncompressed(stored) : stored;
  if (block.length < 4) throw new Damage(`a block at ${at.offset} is too short`);
  const restarts = block.readUInt32LE(block.length - 4);
  const rows = new Cursor(block, 0, block.length - 4 - restarts * 4);
  let key = Buffer.alloc(0);
  while (!rows.done) {
    // A key's length in common with the one before, its own length, that of the value.
    const common = rows.varint();
    const own = rows.varint();
    const length = rows.varint();
    key = Buffer.concat([key.subarray(0, common), rows.take(own)]);
    yield [key, rows.take(length)];
  }
}

function handle(cursor: Cursor): Handle {
  return { offset: cursor.varint(), size: cursor.varint() };
}
