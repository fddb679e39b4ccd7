// Folders that this system makes are for their owner alone, whatever the umask says.

import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** A folder's mode: its owner may do everything, others nothing. */
const FOLDER_MODE = 0o700;
/** A file's mode, likewise. */
export const FILE_MODE = 0o600;

const OTHERS = 0o077;

/**
 * Makes the folder if need be, and those above it that are missing. One that exists is left as it is: it may be one that
 * the settings name, and hold more than this system's files.
 * @throws the system's error when it cannot be made, ENOTDIR when a file is in its place.
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  // Node's own `recursive` never returns where a folder cannot be made although the one above it exists, as in /proc.
  for (let folder = resolve(path); !existsSync(folder); folder = dirname(folder)) missing.push(folder);
  for (const folder of missing.reverse()) makeOne(folder);
  if (!statSync(path).isDirectory()) {
    throw Object.assign(new Error(`ENOTDIR: ${path} is a file`), { code: "ENOTDIR" });
  }
}

/**
 * {@link makeFolder} for a folder of this system alone: one that others may enter, as earlier versions made it, is closed
 * to them.
 * @throws the system's error, also when the folder is somebody else's.
 */
export function makePrivateFolder(path: string): void {
  makeFolder(path);
  closeToOthers(path, FOLDER_MODE);
}

/** Gives `path` the mode if others may do anything with it. @throws the system's error when it is somebody else's. */
export function closeToOthers(path: string, mode: number): void {
  if ((statSync(path).mode & OTHERS) !== 0) chmodSync(path, mode);
}

function makeOne(folder: string): void {
  try {
    mkdirSync(folder, { mode: FOLDER_MODE });
  } catch (error) {
    // Another process may have made it in this moment.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
