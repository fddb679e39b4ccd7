// Replaces small files atomically: after a crash or on a full disk the file is the old one or the new one, never a part.

import { randomUUID } from "node:crypto";
import fs, { chmodSync, chownSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { FILE_MODE, makeFolder } from "./private-folder.ts";
import { isMissing } from "./system-error.ts";

const OPTIONS = { flag: "wx", mode: FILE_MODE, flush: true };

/** How the name of a temporary file ends. One is left behind only by a process that ends meanwhile. */
export const TEMPORARY = ".tmp";

/**
 * The path of a temporary file beside `path`, unique to this call: in a container every run has the same process id, and so what an earlier
 * one has left would be in the way. Creates the folder.
 */
function temporaryPath(path: string): string {
  makeFolder(dirname(path));
  return `${path}.${randomUUID()}${TEMPORARY}`;
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
  replaceSync(path, text, () => {});
}

/**
 * {@link replaceFileSync} for a file that people have made: a link to it stays a link, and those who could read it still can.
 * @throws {NoRegularFile} too.
 */
export function rewriteFileSync(path: string, text: string): void {
  const place = replaceablePath(path);
  const before = statSync(place);
  replaceSync(place, text, (temporary) => {
    const { uid, gid } = statSync(temporary);
    if (uid !== before.uid || gid !== before.gid) chownSync(temporary, before.uid, before.gid);
    chmodSync(temporary, before.mode & 0o7777);
  });
}

/** Something that must not be replaced by a file: a device, a pipe, a folder. */
export class NoRegularFile extends Error {
  readonly code = "no_regular_file";

  constructor(path: string) {
    super(`${path} is no regular file.`);
  }
}

/** Where a file may be put that takes the place of the one at `path`: where a link leads to. @throws {NoRegularFile} */
export function replaceablePath(path: string): string {
  try {
    if (!statSync(path).isFile()) throw new NoRegularFile(path);
    return realpathSync(path);
  } catch (error) {
    if (isMissing(error)) return path;
    throw error;
  }
}

function replaceSync(path: string, text: string | Buffer, prepare: (temporary: string) => void): void {
  const temporary = temporaryPath(path);
  try {
    writeFileSync(temporary, text, OPTIONS);
    prepare(temporary);
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
  }
}
