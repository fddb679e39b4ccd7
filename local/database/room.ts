// Is there room to go on? Opening LevelDB after a full disk needs some, and one that fails in the middle cannot be read.

import { randomBytes } from "node:crypto";
import { open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { FILE_MODE } from "../../lib/files/private-folder.ts";

/** Beyond what LevelDB moves from its logs into tables: something to work with. */
const SPARE_BYTES = 1024 * 1024;

/** Writes as much as opening the store in `folder` will, and removes it. @throws the system's error when it cannot. */
export async function requireRoom(folder: string): Promise<void> {
  const logs = (await readdir(folder)).filter((name) => name.endsWith(".log"));
  const sizes = await Promise.all(logs.map(async (name) => (await stat(join(folder, name))).size));
  let left = sizes.reduce((sum, size) => sum + size, SPARE_BYTES);
  const trial = join(folder, "room.tmp");
  try {
    const file = await open(trial, "w", FILE_MODE);
    try {
      // Random, as some file systems keep zeros in no space at all.
      const chunk = randomBytes(Math.min(left, SPARE_BYTES));
      for (; left > 0; left -= chunk.length) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    await rm(trial, { force: true });
  }
}
