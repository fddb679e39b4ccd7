// LevelDB in a folder, without verification.

import { ClassicLevel } from "classic-level";
import { type Level, type Snapshot, type Write, withBytes } from "./level.ts";

/**
 * A larger write buffer makes fewer, larger tables, so that fewer rows are written again when tables are merged: with 100,000
 * orders, half the bytes. It takes up to twice its size in memory. Larger blocks compress better; reading one costs about the
 * same. Both keep the merging thread, which shares the cores with everything else, from falling behind the writes, which
 * would have to wait for it. See docs/decisions/003-storage.md.
 */
const SETTINGS = { writeBufferSize: 16 * 1024 * 1024, blockSize: 16 * 1024 };

/** Before and after the keys of all rows. */
export const FIRST = "!";
export const LAST = "~";

/** Opens the store in the folder `path`, which exists. @throws LevelDB's error; see {@link deepest} for what is in it. */
export async function openLevelDb(path: string): Promise<Level> {
  const level = new ClassicLevel<string, string>(path, SETTINGS);
  await level.open();
  const store: Level = withBytes(level);
  return {
    getSync: (key: string, options?: { snapshot: Snapshot }) =>
      options === undefined ? store.getSync(key) : store.getSync(key, options),
    bytesSync: (key, snapshot) => store.bytesSync(key, snapshot),
    values: (range) => store.values(range),
    keys: (range) => store.keys(range),
    iterator: (range) => store.iterator(range),
    snapshot: () => store.snapshot(),
    batch: (writes) => writeTogether(level, writes),
    clear: (range) => store.clear(range),
    compact: () => level.compactRange(FIRST, LAST),
    close: () => store.close(),
  };
}

/** As `batch` with a list, which copies each write and has its fields looked up from outside JavaScript: a third more of this thread. */
async function writeTogether(level: ClassicLevel<string, string>, writes: readonly Write[]): Promise<void> {
  const batch = level.batch();
  try {
    for (const write of writes) {
      if (write.type === "put") batch.put(write.key, write.value);
      else batch.del(write.key);
    }
  } catch (error) {
    await batch.close();
    throw error;
  }
  await batch.write();
}

/** Whether another process has the store in `path` open. Changes nothing there. */
export async function isHeld(path: string): Promise<boolean> {
  // LevelDB takes its lock first; then it finds that the store is there, or that it is not, and refuses either.
  const level = new ClassicLevel(path, { createIfMissing: false, errorIfExists: true });
  const error: unknown = await level.open().catch((cause: unknown) => cause);
  return deepest(error).code === "LEVEL_LOCKED";
}

/** LevelDB's own error is the cause of the one that opening fails with. */
export function deepest(error: unknown): { readonly code: string; readonly message: string } {
  if (typeof error !== "object" || error === null) return { code: "", message: String(error) };
  if ("cause" in error && error.cause) return deepest(error.cause);
  return {
    code: "code" in error ? String(error.code) : "",
    message: "message" in error ? String(error.message) : "unknown cause",
  };
}
