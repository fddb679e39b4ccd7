// Verifies LevelDB's files in a folder. LevelDB itself skips damaged records and tables without an error, and starts an
// empty store where its first file is missing.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isMissing } from "../../../lib/files/system-error.ts";
import { Damage } from "./damage.ts";
import { logRecords } from "./log-records.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import { verifyTable } from "./table-file.ts";

/** A file of the database is damaged or missing; nothing was changed. */
export class DamagedDatabase extends Error {
  readonly code = "LEVEL_CORRUPTION";

  constructor(file: string, cause: Damage) {
    super(`${file}: ${cause.message}`, { cause });
    this.name = "DamagedDatabase";
  }
}

/**
 * Reads everything that LevelDB would read from the folder, which need not exist, and checks all checksums.
 * @returns whether there is a store.
 * @throws {DamagedDatabase} for the first file that is missing or damaged.
 */
export async function verifyDatabase(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const present = new Set(names);
  if (!present.has("CURRENT")) {
    // A manifest without CURRENT is left by a first start that was interrupted.
    const kept = names.find((name) => /^\d+\.(log|ldb|sst)$/.test(name));
    if (kept !== undefined) throw new DamagedDatabase("CURRENT", new Damage("it is missing"));
    return false;
  }
  const manifest = await readAs(folder, await currentManifest(folder), readManifest);
  await verifyTables(folder, present, manifest);
  await verifyLogs(folder, names, manifest);
  return true;
}

/** The name in CURRENT. */
const currentManifest = (folder: string): Promise<string> =>
  readAs(folder, "CURRENT", (bytes) => {
    const [, name] = /^(MANIFEST-\d+)\n$/.exec(bytes.toString("latin1")) ?? [];
    if (name === undefined) throw new Damage("it names no manifest");
    return name;
  });

async function verifyTables(
  folder: string,
  present: ReadonlySet<string>,
  { tables }: Manifest,
): Promise<void> {
  for (const [number, size] of tables) {
    const old = fileName(number, "sst");
    await readAs(folder, present.has(old) ? old : fileName(number, "ldb"), (bytes) => {
      if (bytes.length !== size) throw new Damage(`it has ${bytes.length} bytes instead of ${size}`);
      verifyTable(bytes);
    });
  }
}

async function verifyLogs(folder: string, names: readonly string[], { log }: Manifest): Promise<void> {
  const logs = names.filter((name) => name.endsWith(".log") && Number.parseInt(name, 10) >= log);
  // It was made before the manifest named it, and goes only when the manifest names another.
  if (log > 0 && !logs.includes(fileName(log, "log"))) {
    throw new DamagedDatabase(fileName(log, "log"), new Damage("it is missing"));
  }
  for (const name of logs) {
    await readAs(folder, name, (bytes) => {
      for (const record of logRecords(bytes)) {
        if (record.length < 12) throw new Damage("a record is too short");
      }
    });
  }
}

const fileName = (number: number, ending: string): string => `${String(number).padStart(6, "0")}.${ending}`;

/** What `read` makes of a file. @throws {DamagedDatabase} naming the file. */
async function readAs<T>(folder: string, name: string, read: (bytes: Buffer) => T): Promise<T> {
  try {
    return read(await readFile(join(folder, name)));
  } catch (error) {
    if (error instanceof Damage) throw new DamagedDatabase(name, error);
    if (isMissing(error)) {
      throw new DamagedDatabase(name, new Damage("it is missing"));
    }
    throw error;
  }
}
