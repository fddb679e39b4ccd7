// The embedded database's writes to the disk, watched.

import { type Level, openLevel as real, type Write } from "../../../../../local/database/level.ts";
import { through } from "../passages.ts";

export * from "../../../../../local/database/level.ts";

export async function openLevel(path?: string): Promise<Level> {
  const level = await real(path);
  return new Proxy(level, {
    get(target, key) {
      if (key === "batch") return (writes: Write[]) => through("database write", () => target.batch(writes));
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}
