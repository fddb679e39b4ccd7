// The store of the database: in a folder, or in memory.

import type { Log } from "../shared/log.ts";
import { type Level, openMemory } from "./level.ts";
import { requireRestored } from "./restoring.ts";

/**
 * Opens the store in the folder `path`; in memory without one.
 * @throws {DatabaseStartError} {@link StartUpError} when a restore into it was broken off.
 */
export async function openLevel(path: string | undefined, log: Log): Promise<Level> {
  if (path === undefined) return openMemory();
  await requireRestored(path);
  const { openGuarded } = await import("./guarded-level.ts");
  return openGuarded(path, log);
}
