// The disk as a port of the database, so that tests can make it fail.

import type { Level } from "./level.ts";
import { openLevelDb } from "./leveldb.ts";
import { requireRoom } from "./room.ts";

export interface Disk {
  /** Opens the store in the folder `path`, which exists. @throws LevelDB's error. */
  openLevelDb(path: string): Promise<Level>;
  /** Checks that there is room to reopen the store in `path` and to continue. @throws the system's error when there is not. */
  requireRoom(path: string): Promise<void>;
}

export const realDisk: Disk = { openLevelDb, requireRoom };
