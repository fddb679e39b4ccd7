// Opens LevelDB after verifying its files: LevelDB itself would ignore damaged or missing data, and continue to write.

import { makePrivateFolder } from "../../lib/files/private-folder.ts";
import type { Log } from "../shared/log.ts";
import { type Acknowledged, openAcknowledged, readAcknowledged } from "./acknowledged.ts";
import type { Disk } from "./disk.ts";
import { DatabaseStartError } from "./errors.ts";
import type { Level } from "./level.ts";
import { deepest, isHeld } from "./leveldb.ts";
import { DamagedDatabase, verifyDatabase } from "./leveldb-files/verify.ts";

/** Key of the batch counter, which each batch writes, so that the last one shows whether all are there. */
export const COUNT_KEY = "batches";

export interface VerifiedLevelOptions {
  readonly log: Log;
  readonly disk: Disk;
  /** Number of batches that this process has acknowledged. */
  readonly acknowledged?: number;
}

export interface VerifiedLevel {
  readonly level: Level;
  /** Number of batches in it. */
  readonly count: number;
  readonly acknowledged: Acknowledged;
}

/**
 * Opens the store in the folder `path`, creating it if it does not exist, after checking all checksums and the number of
 * acknowledged batches.
 * @throws {DatabaseStartError} if another process has opened the folder, it cannot be read or written, is damaged, or lacks
 * acknowledged batches. A damaged store is not changed.
 */
export async function openVerified(
  path: string,
  { log, disk, acknowledged = 0 }: VerifiedLevelOptions,
): Promise<VerifiedLevel> {
  try {
    makePrivateFolder(path);
    const exists = await verified(path);
    const known = readAcknowledged(path);
    if (known === "damaged") {
      log(
        "warn",
        "the file with the number of acknowledged batches is damaged; it is replaced without a check",
        {
          path,
        },
      );
    }
    const expected = Math.max(acknowledged, typeof known === "number" ? known : 0);
    if (!exists && expected > 0) throw incomplete(path, expected);
    const level = await disk.openLevelDb(path);
    try {
      const count = Number(level.getSync(COUNT_KEY) ?? 0);
      if (count < expected) throw incomplete(path, expected - count);
      return { level, count, acknowledged: openAcknowledged(path, count) };
    } catch (error) {
      await level.close();
      throw error;
    }
  } catch (error) {
    throw error instanceof DatabaseStartError ? error : explained(path, error);
  }
}

/** Whether there is a store. @throws LevelDB's error when another process has it, whose changes look like damage. */
async function verified(path: string): Promise<boolean> {
  try {
    return await verifyDatabase(path);
  } catch (error) {
    if (error instanceof DamagedDatabase && (await isHeld(path))) throw locked(path, error);
    throw error;
  }
}

const locked = (path: string, cause: unknown): DatabaseStartError =>
  new DatabaseStartError(
    "database_path_locked",
    `The data in ${path} is in use by another process. Stop that process, or set DATA_DIR to another folder.`,
    cause,
  );

const incomplete = (path: string, missing: number): DatabaseStartError =>
  new DatabaseStartError(
    "database_incomplete",
    `The data in ${path} lacks the last ${missing} acknowledged writes: a file was truncated or removed, or the power ` +
      "failed. Restore a copy of the folder; or, to continue without them, remove the file `acknowledged` in it.",
  );

function explained(path: string, error: unknown): DatabaseStartError {
  const { code, message } = deepest(error);
  if (error instanceof DamagedDatabase || code === "LEVEL_CORRUPTION") {
    return new DatabaseStartError(
      "database_corrupt",
      `The data in ${path} is damaged (${error instanceof DamagedDatabase ? error.message : message}). Restore a copy of the folder, or move it away to start with an empty one.`,
      error,
    );
  }
  if (code === "LEVEL_LOCKED") return locked(path, error);
  return new DatabaseStartError(
    "database_path_unusable",
    `The data folder ${path} cannot be used (${message}). ${remedy(message)}, or set DATA_DIR to another folder.`,
    error,
  );
}

/** LevelDB gives the system's text, not its code. */
function remedy(message: string): string {
  if (/no space|quota/i.test(message)) return "Free some space on its disk";
  if (/read-only/i.test(message)) return "Mount its disk for writing";
  if (/input\/output/i.test(message)) return "Check its disk, and put a copy of the data on another";
  return "Make it readable and writable";
}
