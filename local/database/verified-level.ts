// Opening LevelDB without believing it: it would pass over what is damaged or missing, and acknowledge more behind it.

import { makePrivateFolder } from "../../lib/files/private-folder.ts";
import type { Log } from "../shared/log.ts";
import { type Acknowledged, openAcknowledged, readAcknowledged } from "./acknowledged.ts";
import type { Disk } from "./disk.ts";
import { DatabaseStartError } from "./errors.ts";
import type { Level } from "./level.ts";
import { deepest, isHeld } from "./leveldb.ts";
import { DamagedDatabase, verifyDatabase } from "./leveldb-files/verify.ts";

/** Where each batch counts itself, so that the last one shows whether all are there. */
export const COUNT_KEY = "batches";

export interface VerifiedLevelOptions {
  readonly log: Log;
  readonly disk: Disk;
  /** How many batches this process knows to be acknowledged. */
  readonly acknowledged?: number;
}

export interface VerifiedLevel {
  readonly level: Level;
  /** How many batches are in it. */
  readonly count: number;
  readonly acknowledged: Acknowledged;
}

/**
 * Opens the store in the folder `path`, creating it if need be, after comparing all of it with its checksums and with
 * what was acknowledged.
 * @throws {DatabaseStartError} if the folder is held by another process, cannot be read or written, is damaged, or lacks
 * what was acknowledged. A damaged one is left as it is.
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
      log("warn", "What was acknowledged last cannot be compared: its count is damaged. It is begun anew", {
        path,
      });
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
    `The data in ${path} lacks the last ${missing} writes that were acknowledged: a file was cut off or taken away, or the ` +
      "power failed. Put a copy of the folder back; or, to go on without them, remove the file `acknowledged` in it.",
  );

function explained(path: string, error: unknown): DatabaseStartError {
  const { code, message } = deepest(error);
  if (error instanceof DamagedDatabase || code === "LEVEL_CORRUPTION") {
    return new DatabaseStartError(
      "database_corrupt",
      `The data in ${path} is damaged (${error instanceof DamagedDatabase ? error.message : message}). Put a copy of the folder back, or move it away to start empty.`,
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
