// One start at a time: when a helper dies, every runtime that used it starts another, and each start costs half a second of
// CPU. This only saves CPU; LevelDB's lock decides which helper gets the data.

import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { FILE_MODE } from "../../lib/files/private-folder.ts";
import { sealed, unsealed } from "../../lib/files/sealed.ts";
import { codeOf } from "../../lib/files/system-error.ts";
import { unusable } from "../shared/data-folder.ts";
import { isAlive } from "../shared/is-alive.ts";

/** Milliseconds after which the mark of a start is stale: a start takes less. */
const STALE_MS = 90_000;
/** Writing it takes less; after that one that names nobody is cut off or damaged. */
const WRITTEN_MS = 1_000;

const starter = z.object({ pid: z.int().positive() });

/**
 * Runs `start`, unless another process is starting a helper for the same folder: then returns undefined, and the caller has to
 * try again later.
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
    // A time in the future is stale as well: the clock was set back.
    const ageMs = Math.abs(Date.now() - mtimeMs);
    const pid = starterIn(mark, await readFile(mark, "utf8"));
    return pid === undefined ? ageMs > WRITTEN_MS : ageMs > STALE_MS || !isAlive(pid);
  } catch {
    // Just removed by its owner.
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
