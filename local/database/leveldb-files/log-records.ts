// LevelDB's log format (its doc/log_format.md): of the write-ahead log, and of the manifest.

import { crc32c } from "./crc32c.ts";
import { Damage } from "./damage.ts";

const BLOCK = 32 * 1024;
/** Checksum (4), length (2), type (1). */
const HEADER = 7;
const [PREALLOCATED, FULL, FIRST, MIDDLE, LAST] = [0, 1, 2, 3, 4];

/**
 * The whole records of a file. One that the file ends in is left out, as LevelDB does: its writer was cut off there.
 * @throws {Damage} for whatever LevelDB would pass over in silence.
 */
export function* logRecords(bytes: Buffer): Generator<Buffer> {
  let begun: Buffer[] | undefined;
  for (let at = 0; ; ) {
    const left = BLOCK - (at % BLOCK);
    if (left < HEADER) {
      at += left;
      continue;
    }
    if (at + HEADER > bytes.length) return;
    const end = at + HEADER + bytes.readUInt16LE(at + 4);
    const type = bytes[at + 6];
    if (type === PREALLOCATED && end === at + HEADER) {
      // What follows was never written.
      if (bytes.subarray(at).every((byte) => byte === 0)) return;
      throw new Damage(`there is a hole at ${at}`);
    }
    if (end > at + left) throw new Damage(`a record at ${at} has a wrong length`);
    if (end > bytes.length) return;
    if (unmasked(bytes.readUInt32LE(at)) !== crc32c(bytes, at + 6, end)) {
      throw new Damage(`a record at ${at} does not fit its checksum`);
    }
    const part = bytes.subarray(at + HEADER, end);
    if ((type === FULL || type === FIRST) === (begun !== undefined)) {
      throw new Damage(`a part of a record is missing before ${at}`);
    }
    if (type === FULL) yield part;
    else if (type === FIRST) begun = [part];
    else if (type === MIDDLE) begun?.push(part);
    else if (type === LAST) {
      yield Buffer.concat([...(begun ?? []), part]);
      begun = undefined;
    } else throw new Damage(`a record at ${at} is of no known type`);
    at = end;
  }
}

const MASK = 0xa282ead8;

/** LevelDB stores checksums changed, so that a checksum over checksums keeps its worth. */
export function unmasked(stored: number): number {
  const turned = (stored - MASK) >>> 0;
  return ((turned >>> 17) | (turned << 15)) >>> 0;
}
