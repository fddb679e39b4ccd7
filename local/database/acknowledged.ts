// The number of acknowledged batches, in a file beside LevelDB's own. If the end of LevelDB's log is lost, for example by a
// truncated file, LevelDB opens what is left without an error; this number shows that something is missing.

import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { replaceFileSync } from "../../lib/files/replace-file.ts";
import { isMissing } from "../../lib/files/system-error.ts";

/** Size of a slot: the count and its checksum. There are two, written in turn, so that one is always valid. */
const SLOT = 16;
const COUNT = 8;
/** Of these, as many as a number has. */
const LARGEST = 6;

export interface Acknowledged {
  /** Records that `count` batches are acknowledged. Survives `kill -9`, as they do. @throws the system's error. */
  note(count: number): void;
  close(): void;
}

const file = (folder: string) => join(folder, "acknowledged");

/** The last recorded count; undefined when there is none (earlier versions wrote none), "damaged" when it can't be read. */
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

/** Opens the file for writing, beginning with `count`. @throws the system's error. */
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
