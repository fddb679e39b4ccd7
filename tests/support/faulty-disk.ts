// A disk under the embedded database that fails as disks do: in the middle of a write, and then until it is mended.

import { appendFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Disk, realDisk } from "../../local/database/disk.ts";
import type { Level, Write } from "../../local/database/level.ts";

/**
 * What becomes of a write that fails: nothing of it is stored; its first half, which LevelDB then does not take for written;
 * or all of it, when what comes after LevelDB's own write fails.
 */
export const DISK_FAULTS = ["refused", "torn", "written"] as const;

export type DiskFault = (typeof DISK_FAULTS)[number];

/** LevelDB's log is made of blocks; a record begins with its checksum (4 bytes), length (2) and type (1). */
const BLOCK = 32 * 1024;
const HEADER = 7;
const [LENGTH_AT, TYPE_AT, WHOLE] = [4, 6, 1];

const REASONS: Readonly<Record<DiskFault, string>> = {
  refused: "No space left on device",
  torn: "No space left on device",
  written: "Input/output error",
};

export class FaultyDisk implements Disk {
  /** Asked at each write whether it fails. */
  readonly #fault: () => DiskFault | undefined;
  readonly #real: Disk;
  #failing: DiskFault | undefined;

  constructor(fault: () => DiskFault | undefined, real: Disk = realDisk) {
    this.#fault = fault;
    this.#real = real;
  }

  /** Whether it failed and was not mended since: then nothing can be written or opened. */
  get failing(): boolean {
    return this.#failing !== undefined;
  }

  mend(): void {
    this.#failing = undefined;
  }

  async openLevelDb(path: string): Promise<Level> {
    this.#mustWork();
    const level = await this.#real.openLevelDb(path);
    const batch = async (writes: Write[]) => {
      this.#mustWork();
      this.#failing = this.#fault();
      if (this.#failing === undefined) return level.batch(writes);
      await this.#fail(this.#failing, path, () => level.batch(writes));
      this.#mustWork();
    };
    return new Proxy(level, {
      get(target, key) {
        if (key === "batch") return batch;
        const member: unknown = Reflect.get(target, key, target);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
  }

  async requireRoom(path: string): Promise<void> {
    this.#mustWork();
    await this.#real.requireRoom(path);
  }

  async #fail(fault: DiskFault, path: string, write: () => Promise<void>): Promise<void> {
    if (fault === "written") await write();
    if (fault === "torn") tear(path);
  }

  #mustWork(): void {
    if (this.#failing === undefined) return;
    throw Object.assign(new Error(`IO error: ${REASONS[this.#failing]}`), { code: "LEVEL_IO_ERROR" });
  }
}

/** Puts the first half of a record at the end of the log that LevelDB writes to, as a write does that was cut short. */
function tear(path: string): void {
  const [name = ""] = readdirSync(path)
    .filter((each) => each.endsWith(".log"))
    .sort()
    .reverse();
  const file = join(path, name);
  const left = BLOCK - (statSync(file).size % BLOCK);
  const length = Math.min(left - HEADER, 300);
  // Too little for a record: not even its header gets there.
  appendFileSync(file, length < 2 ? Buffer.alloc(Math.min(left, 3)) : halfOf(length));
}

function halfOf(length: number): Buffer {
  const half = Buffer.alloc(HEADER + Math.floor(length / 2), "half of a record");
  half.writeUInt16LE(length, LENGTH_AT);
  half.writeUInt8(WHOLE, TYPE_AT);
  return half;
}
