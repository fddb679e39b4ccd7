// The store of the database: in a folder, or in memory.

import type { Log } from "../shared/log.ts";
import { type Level, openMemory } from "./level.ts";

/** Opens the store in the folder `path`; in memory without one. @throws {DatabaseStartError} */
export async function openLevel(path: string | undefined, log: Log): Promise<Level> {
  if (path === undefined) return openMemory();
  const { openGuarded } = await import("./guarded-level.ts");
  return openGuarded(path, log);
}
