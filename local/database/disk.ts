// What the database asks of the disk, so that tests can let it fail.

import type { Level } from "./level.ts";
import { openLevelDb } from "./leveldb.ts";
import { requireRoom } from "./room.ts";

export interface Disk {
  /** Opens the store in the folder `path`, which exists. @throws LevelDB's error. */
  openLevelDb(path: string): Promise<Level>;
  /** @throws the system's error when there is no room to open the store in `path` anew and to go on. */
  requireRoom(path: string): Promise<void>;
}

export const realDisk: Disk = { openLevelDb, requireRoom };
