// How many batches were acknowledged, in a file beside LevelDB's: the end of its log may be lost, as by a cut-off file,
// and LevelDB takes what is left for all there ever was.

import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { replaceFileSync } from "../../lib/files/replace-file.ts";
import { isMissing } from "../../lib/files/system-error.ts";

/** Two of them, written in turn, so that one is whole at any moment: the count, and its checksum. */
const SLOT = 16;
const COUNT = 8;
/** Of these, as many as a number has. */
const LARGEST = 6;

export interface Acknowledged {
  /** Notes that `count` batches are acknowledged. Survives `kill -9`, as they do. @throws the system's error. */
  note(count: number): void;
  close(): void;
}

const file = (folder: string) => join(folder, "acknowledged");

/** What was noted last; undefined when nothing was (earlier versions noted nothing), "damaged" when it can't be read. */
export function readAcknowledged(folder: string): number | "damaged" | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file(folder));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const counts = [0, SLOT].flatMap((at) => countAt(bytes, at) ?? []);
  return counts.length === 0 ? "damaged" : Math.max(...counts);
}

function countAt(bytes: Buffer, at: number): number | undefined {
  if (bytes.length < at + SLOT) return undefined;
  const count = bytes.subarray(at, at + COUNT);
  return bytes.readUInt32LE(at + COUNT) === crc32(count) ? count.readUIntLE(0, LARGEST) : undefined;
}

/** Begins to note, with `count`. @throws the system's error. */
export function openAcknowledged(folder: string, count: number): Acknowledged {
  replaceFileSync(file(folder), Buffer.concat([slot(count), slot(count)]));
  const descriptor = openSync(file(folder), "r+");
  const bytes = Buffer.alloc(SLOT);
  return {
    note(count) {
      const written = writeSync(descriptor, slot(count, bytes), 0, SLOT, (count % 2) * SLOT);
      if (written !== SLOT) throw new Error("The count of what was acknowledged was written in part");
    },
    close: () => closeSync(descriptor),
  };
}

function slot(count: number, bytes = Buffer.alloc(SLOT)): Buffer {
  bytes.writeUIntLE(count, 0, LARGEST);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, COUNT)), COUNT);
  return bytes;
}
