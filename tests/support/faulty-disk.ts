// A disk under the embedded database that fails as disks do: in the middle of a write, and then until it is mended.

import { readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { type Disk, realDisk } from "../../local/database/disk.ts";
import type { Level, Write } from "../../local/database/level.ts";

/** What becomes of a write that fails: nothing of it is stored, its first half, or all of it although it is said to have failed. */
export const DISK_FAULTS = ["refused", "torn", "written"] as const;

export type DiskFault = (typeof DISK_FAULTS)[number];

const REASONS: Readonly<Record<DiskFault, string>> = {
  refused: "No space left on device",
  torn: "No space left on device",
  written: "Input/output error",
};

export class FaultyDisk implements Disk {
  /** Asked at each write whether it fails. */
  readonly #fault: () => DiskFault | undefined;
  #failing: DiskFault | undefined;

  constructor(fault: () => DiskFault | undefined) {
    this.#fault = fault;
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
    const level = await realDisk.openLevelDb(path);
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
    await realDisk.requireRoom(path);
  }

  async #fail(fault: DiskFault, path: string, write: () => Promise<void>): Promise<void> {
    if (fault === "refused") return;
    const before = logOf(path).size;
    await write();
    const { file, size } = logOf(path);
    if (fault === "torn") truncateSync(file, Math.floor((before + size) / 2));
  }

  #mustWork(): void {
    if (this.#failing === undefined) return;
    throw Object.assign(new Error(`IO error: ${REASONS[this.#failing]}`), { code: "LEVEL_IO_ERROR" });
  }
}

/** The log that LevelDB writes to. */
function logOf(path: string): { readonly file: string; readonly size: number } {
  const [name = ""] = readdirSync(path)
    .filter((each) => each.endsWith(".log"))
    .sort()
    .reverse();
  const file = join(path, name);
  return { file, size: statSync(file).size };
}
