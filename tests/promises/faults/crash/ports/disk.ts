// The embedded database's writes to the disk: watched, and failing at the point that was chosen.

import { type Disk, realDisk as real } from "../../../../../local/database/disk.ts";
import type { Write } from "../../../../../local/database/level.ts";
import { DISK_FAULTS, FaultyDisk } from "../../../../support/faulty-disk.ts";
import { DATABASE_WRITE, isChosen, reachable, through } from "../passages.ts";

export * from "../../../../../local/database/disk.ts";

const faulty = new FaultyDisk(() => DISK_FAULTS.find((fault) => isChosen(fault, DATABASE_WRITE)), real);
reachable.disk = faulty;

export const realDisk: Disk = {
  async openLevelDb(path) {
    const level = await faulty.openLevelDb(path);
    return new Proxy(level, {
      get(target, key) {
        if (key === "batch") return (writes: Write[]) => through(DATABASE_WRITE, () => target.batch(writes));
        const member: unknown = Reflect.get(target, key, target);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
  },
  requireRoom: (path) => faulty.requireRoom(path),
};
