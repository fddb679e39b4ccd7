// Makes the store of a data folder from a backup. What was there before is kept aside.

import { type FileHandle, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../shared/log.ts";
import { StartUpError } from "../shared/start-up-error.ts";
import { rowsOf } from "./backup-format.ts";
import { openGuarded } from "./guarded-level.ts";
import type { Write } from "./level.ts";
import { isHeld } from "./leveldb.ts";
import { isThere, restoringPath } from "./restoring.ts";
import { tableNameIn } from "./tables.ts";

const ROWS_AT_ONCE = 500;

export interface RestoreOptions {
  /** The backup. */
  readonly file: string;
  readonly dataDir: string;
  /** Whether data that are there may be replaced: they are moved aside. */
  readonly replace: boolean;
  /** The tables that the system will use: the backup has to have one of them, unless it has none at all. */
  readonly tables: readonly string[];
  readonly log: Log;
}

export interface Restored {
  readonly rows: number;
  /** Where the data are now that were there before; undefined when there were none. */
  readonly before: string | undefined;
}

/**
 * Restores the store. It takes its place only when it is whole: until then nothing is changed.
 * @throws {DamagedBackup} {@link StartUpError} when the data are in use, there are some and `replace` is false, or the backup is
 * of other tables. The system's error for a file that can't be read.
 */
export async function restore({
  file,
  dataDir,
  replace,
  tables: wanted,
  log,
}: RestoreOptions): Promise<Restored> {
  const path = join(dataDir, "database");
  const exists = await isThere(path);
  if (exists && (await isHeld(path))) throw inUse(path);
  if (exists && !replace)
    throw new StartUpError(
      "database_exists",
      `There are data in ${path}. With --replace they are moved aside; or set DATA_DIR to another folder.`,
    );
  const backup = await open(file);
  const made = restoringPath(path);
  await rm(made, { recursive: true, force: true });
  try {
    const { rows, tables } = await fill(made, backup, log);
    requireOneOf(wanted, tables);
    if (exists && (await isHeld(path))) throw inUse(path);
    const before = exists ? await freeName(dataDir) : undefined;
    if (before !== undefined) await rename(path, before);
    try {
      await rename(made, path);
    } catch (error) {
      if (before !== undefined) await rename(before, path);
      throw error;
    }
    return { rows, before };
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    throw error;
  } finally {
    await backup.close();
  }
}

interface Filled {
  readonly rows: number;
  readonly tables: readonly string[];
}

async function fill(path: string, backup: FileHandle, log: Log): Promise<Filled> {
  const level = await openGuarded(path, log);
  // Read from this turn on: lines that nobody waits for are lost.
  const lines = backup.readLines({ autoClose: false });
  const tables: string[] = [];
  let rows = 0;
  try {
    let writes: Write[] = [];
    for await (const [key, value] of rowsOf(lines)) {
      writes.push({ type: "put", key, value });
      const table = tableNameIn(key);
      if (table !== undefined) tables.push(table);
      rows += 1;
      if (writes.length < ROWS_AT_ONCE) continue;
      await level.batch(writes);
      writes = [];
    }
    if (writes.length > 0) await level.batch(writes);
    return { rows, tables };
  } finally {
    await level.close();
  }
}

/** Without one the system would make its own tables beside those of the backup, and begin with nothing. */
function requireOneOf(wanted: readonly string[], found: readonly string[]): void {
  if (found.length === 0 || found.some((name) => wanted.includes(name))) return;
  throw new StartUpError(
    "backup_of_other_tables",
    `The backup has tables such as ${found[0]}, but by the settings the system uses ${wanted[0]} and others: set DB_NAME as it was where the backup was taken.`,
  );
}

/** The first of `database.before-1`, `-2` … that is not there. */
async function freeName(dataDir: string): Promise<string> {
  const taken = new Set(await readdir(dataDir));
  let number = 1;
  while (taken.has(`database.before-${number}`)) number += 1;
  return join(dataDir, `database.before-${number}`);
}

const inUse = (path: string): StartUpError =>
  new StartUpError(
    "database_path_locked",
    `The data in ${path} are in use. Stop the system first (a few seconds later they are free).`,
  );
