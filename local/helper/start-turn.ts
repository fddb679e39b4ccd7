// One starter at a time: when a helper dies, every runtime that leaned on it wants another, and each start costs half a
// second of CPU. Only a saving: which helper may have the data, LevelDB's lock decides.

import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { FILE_MODE } from "../../lib/files/private-folder.ts";
import { sealed, unsealed } from "../../lib/files/sealed.ts";
import { codeOf } from "../../lib/files/system-error.ts";
import { unusable } from "../shared/data-folder.ts";
import { isAlive } from "./is-alive.ts";

/** A start takes less; after that its mark is a leftover, whoever made it. */
const STALE_MS = 90_000;
/** Writing it takes less; after that one that names nobody is cut off or damaged. */
const WRITTEN_MS = 1_000;

const starter = z.object({ pid: z.int().positive() });

/**
 * Does `start`, unless another process is at it for the same folder: then undefined, and the caller looks again in a moment.
 * @throws {StartUpError} when the folder cannot be written.
 */
export async function inTurn<T>(dataDir: string, start: () => Promise<T>): Promise<T | undefined> {
  const mark = join(dataDir, "helper.starting");
  try {
    await writeFile(mark, sealed({ pid: process.pid }), { flag: "wx", mode: FILE_MODE });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") {
      await rm(mark, { force: true }).catch(() => {});
      throw unusable(dataDir, error);
    }
    if (await isLeftOver(mark)) await rm(mark, { force: true });
    return undefined;
  }
  try {
    return await start();
  } finally {
    await rm(mark, { force: true });
  }
}

async function isLeftOver(mark: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(mark);
    // A time to come is no more likely than one long past: the clock was set.
    const ageMs = Math.abs(Date.now() - mtimeMs);
    const pid = starterIn(mark, await readFile(mark, "utf8"));
    return pid === undefined ? ageMs > WRITTEN_MS : ageMs > STALE_MS || !isAlive(pid);
  } catch {
    // Just removed by who made it.
    return false;
  }
}

function starterIn(mark: string, text: string): number | undefined {
  try {
    return starter.parse(unsealed(mark, text)).pid;
  } catch {
    return undefined;
  }
}
