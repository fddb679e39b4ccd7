// The embedded database's writes to the disk, watched.

import type { Level, Write } from "../../../../../local/database/level.ts";
import { openLevelDb as real } from "../../../../../local/database/leveldb.ts";
import { through } from "../passages.ts";

export * from "../../../../../local/database/leveldb.ts";

export async function openLevelDb(path: string): Promise<Level> {
  const level = await real(path);
  return new Proxy(level, {
    get(target, key) {
      if (key === "batch") return (writes: Write[]) => through("database write", () => target.batch(writes));
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}
