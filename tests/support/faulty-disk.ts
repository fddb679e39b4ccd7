// A disk under the embedded database that fails as disks do: in the middle of a write, and then until it is mended.

import { readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { type Disk, realDisk } from "../../local/database/disk.ts";
import type { Level, Snapshot, Write } from "../../local/database/level.ts";

/**
 * What becomes of a write that fails: nothing of it is stored; its first half, which LevelDB does not take for written but
 * goes on behind; or all of it, when what comes after LevelDB's own write fails.
 */
export const DISK_FAULTS = ["refused", "torn", "written"] as const;

export type DiskFault = (typeof DISK_FAULTS)[number];

const REASONS: Readonly<Record<DiskFault, string>> = {
  refused: "No space left on device",
  torn: "No space left on device",
  written: "Input/output error",
};

export class FaultyDisk implements Disk {
  /** Called at each write: whether it fails. */
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
    /** Once a write was torn: what was stored before it, for that is what LevelDB goes on to show. */
    let before: LastingSnapshot | undefined;
    const seen = () => (before === undefined ? undefined : { snapshot: before.snapshot });
    return {
      getSync(key: string, options: { snapshot: Snapshot } | undefined = seen()) {
        return options === undefined ? level.getSync(key) : level.getSync(key, options);
      },
      bytesSync: (key, snapshot = before?.snapshot) => level.bytesSync(key, snapshot),
      values: (range) => level.values({ ...seen(), ...range }),
      keys: (range) => level.keys({ ...seen(), ...range }),
      iterator: (range) => level.iterator({ ...seen(), ...range }),
      snapshot: () => before?.snapshot ?? level.snapshot(),
      batch: async (writes: Write[]) => {
        this.#mustWork();
        this.#failing = this.#fault();
        if (this.#failing === "torn") {
          before ??= lasting(level.snapshot());
          await torn(path, () => level.batch(writes));
        } else if (this.#failing !== "refused") {
          await level.batch(writes);
        }
        this.#mustWork();
      },
      clear: (range) => level.clear(range),
      async close() {
        await before?.release();
        await level.close();
      },
    };
  }

  async requireRoom(path: string): Promise<void> {
    this.#mustWork();
    await this.#real.requireRoom(path);
  }

  #mustWork(): void {
    if (this.#failing === undefined) return;
    throw Object.assign(new Error(`IO error: ${REASONS[this.#failing]}`), { code: "LEVEL_IO_ERROR" });
  }
}

/** A snapshot that stays open although each of its readers closes it. */
interface LastingSnapshot {
  readonly snapshot: Snapshot;
  release(): Promise<void>;
}

function lasting(snapshot: Snapshot): LastingSnapshot {
  const release = snapshot.close.bind(snapshot);
  snapshot.close = async () => {};
  return { snapshot, release };
}

/** Takes the second half of what `write` adds to LevelDB's log away again. LevelDB would write on behind it. */
async function torn(path: string, write: () => Promise<void>): Promise<void> {
  const before = logOf(path);
  await write();
  const after = logOf(path);
  // It may have begun another log.
  const start = after.file === before.file ? before.size : 0;
  truncateSync(after.file, Math.floor((start + after.size) / 2));
}

function logOf(path: string): { readonly file: string; readonly size: number } {
  const [name = ""] = readdirSync(path)
    .filter((each) => each.endsWith(".log"))
    .sort()
    .reverse();
  const file = join(path, name);
  return { file, size: statSync(file).size };
}
