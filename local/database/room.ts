// Checks for free space before LevelDB is reopened after a full disk: a store whose opening fails halfway cannot be read.

import { randomBytes } from "node:crypto";
import { open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { FILE_MODE } from "../../lib/files/private-folder.ts";

/** Free space in addition to what LevelDB moves from its logs into tables. */
const SPARE_BYTES = 1024 * 1024;

/** Writes as many bytes as opening the store in `folder` will write, and removes them. @throws the system's error on failure. */
export async function requireRoom(folder: string): Promise<void> {
  const logs = (await readdir(folder)).filter((name) => name.endsWith(".log"));
  const sizes = await Promise.all(logs.map(async (name) => (await stat(join(folder, name))).size));
  let left = sizes.reduce((sum, size) => sum + size, SPARE_BYTES);
  const trial = join(folder, "room.tmp");
  try {
    const file = await open(trial, "w", FILE_MODE);
    try {
      // Random bytes, since some file systems use no space for zeros.
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
