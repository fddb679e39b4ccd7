// A real disk without space; docs/guides/faults.md says how to mount a small one.

import { closeSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const SMALL_BYTES = 100e6;
const CHUNK = Buffer.alloc(4096);

/** @throws {Error} when so much is free in `folder` that it cannot be meant to be filled. */
export function requireSmall(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize > SMALL_BYTES)
    throw new Error(`${folder} is not on a small file system; see docs/guides/faults.md`);
}

/** Takes all the space of the file system of `folder`, and gives it back after `ms`. */
export async function fillFor(folder: string, ms: number): Promise<void> {
  const ballast = join(folder, "ballast");
  try {
    const file = openSync(ballast, "w");
    try {
      while (writeSync(file, CHUNK) > 0);
    } catch {
      // Full.
    } finally {
      closeSync(file);
    }
    await sleep(ms);
  } finally {
    rmSync(ballast, { force: true });
  }
}
