// Opens the database of the history, with the tables of this version.

import type { DatabaseSync } from "node:sqlite";
import { numberOf } from "./history-rows.ts";
import { SCHEMA, SCHEMA_VERSION } from "./schema.ts";
import { isRecord } from "./spans.ts";

export const PAGE_BYTES = 4_096;
/** The log of SQLite's last writes, which is beside the file and counts as well. */
export const WAL_BYTES = 4 * 1024 * 1024;
const CACHE_KIB = 4_096;

/** The database at `path`, or in memory, with all tables. @throws where it can't be used, and then nothing is left open. */
export function openHistory(sqlite: typeof import("node:sqlite"), path: string): DatabaseSync {
  const db = new sqlite.DatabaseSync(path);
  try {
    const version = db.prepare("PRAGMA user_version").get();
    const found = isRecord(version) ? numberOf(version["user_version"]) : 0;
    db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;`);
    db.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA journal_size_limit = ${WAL_BYTES};`);
    // History of another version is no one's only copy of anything.
    if (found !== SCHEMA_VERSION) for (const table of tablesOf(db)) db.exec(`DROP TABLE ${table}`);
    db.exec(SCHEMA);
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

const tablesOf = (db: DatabaseSync): readonly string[] =>
  db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all()
    .map(({ name }) => String(name));

/** SQLITE_CORRUPT and SQLITE_NOTADB: what is there can't be read. */
export const isUnreadable = (error: unknown): boolean =>
  isRecord(error) && (error["errcode"] === 11 || error["errcode"] === 26);
