// LevelDB's manifest: which tables make up the data, and from which log on writes are not in tables yet.

import { Cursor } from "./cursor.ts";
import { Damage } from "./damage.ts";
import { logRecords } from "./log-records.ts";

export interface Manifest {
  /** Number of the oldest log that counts; 0 before the first. */
  readonly log: number;
  /** Sizes in bytes of the tables, by number. */
  readonly tables: ReadonlyMap<number, number>;
}

/** Fields of an edit, from LevelDB's version_edit.cc. */
const [COMPARATOR, LOG, NEXT_FILE, LAST_SEQUENCE, COMPACT_POINTER, DELETED_FILE, NEW_FILE, PREVIOUS_LOG] = [
  1, 2, 3, 4, 5, 6, 7, 9,
];

/** What the edits in `bytes` come to. @throws {Damage} */
export function readManifest(bytes: Buffer): Manifest {
  let log = 0;
  const tables = new Map<number, number>();
  for (const record of logRecords(bytes)) {
    const edit = new Cursor(record);
    const removed: number[] = [];
    const added: [number, number][] = [];
    while (!edit.done) {
      const field = edit.varint();
      if (field === COMPARATOR) edit.text();
      else if (field === LOG) log = edit.varint();
      else if (field === NEXT_FILE || field === LAST_SEQUENCE || field === PREVIOUS_LOG) edit.varint();
      else if (field === COMPACT_POINTER) {
        edit.varint();
        edit.text();
      } else if (field === DELETED_FILE) {
        edit.varint();
        removed.push(edit.varint());
      } else if (field === NEW_FILE) {
        edit.varint();
        added.push([edit.varint(), edit.varint()]);
        edit.text();
        edit.text();
      } else throw new Damage(`an edit has the unknown field ${field}`);
    }
    // A table that moves to another level is removed and added in one edit.
    for (const table of removed) tables.delete(table);
    for (const [table, size] of added) tables.set(table, size);
  }
  return { log, tables };
}
