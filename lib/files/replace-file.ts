// Replaces small files atomically: after a crash or on a full disk the file is the old one or the new one, never a part.

import fs, { renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { FILE_MODE, makeFolder } from "./private-folder.ts";

const OPTIONS = { flag: "wx", mode: FILE_MODE, flush: true };
let temporaryFiles = 0;

/** The path of a temporary file beside `path`, unique to this call. Creates the folder. */
function temporaryPath(path: string): string {
  makeFolder(dirname(path));
  temporaryFiles += 1;
  return `${path}.${process.pid}-${temporaryFiles}.tmp`;
}

/**
 * Replaces the file's content by `text`; only the owner can read the file. The new content is flushed to disk before it
 * takes the old one's place.
 * @throws the system's error (ENOSPC, EACCES, …); the file is then unchanged.
 */
export async function replaceFile(path: string, text: string | Buffer): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    await fs.promises.writeFile(temporary, text, OPTIONS);
    await fs.promises.rename(temporary, path);
  } catch (cause) {
    await fs.promises.rm(temporary, { force: true });
    throw cause;
  }
}

/** {@link replaceFile}, synchronous. */
export function replaceFileSync(path: string, text: string | Buffer): void {
  const temporary = temporaryPath(path);
  try {
    writeFileSync(temporary, text, OPTIONS);
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
  }
}
