// The key that signs tokens, kept in a file so that clients stay logged in when the registry restarts.

import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { replaceFile } from "../../lib/files/replace-file.ts";

const KEY_BYTES = 32;

/** The key in the file `path`, which is written the first time, and anew when it is damaged. @throws the system's error. */
export async function tokenKey(path: string): Promise<Buffer> {
  const stored = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw cause;
  });
  if (stored?.length === KEY_BYTES) return stored;
  const key = randomBytes(KEY_BYTES);
  await replaceFile(path, key);
  return key;
}
