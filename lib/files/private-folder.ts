// Folders and files that only their owner can access, independent of the umask.

import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Mode of folders: full access for the owner, none for others. */
const FOLDER_MODE = 0o700;
/** Mode of files: read and write for the owner, nothing for others. */
export const FILE_MODE = 0o600;

const OTHERS = 0o077;

/**
 * Creates the folder and its missing parents. An existing folder is not changed: the settings may name one that also holds
 * files of other programs.
 * @throws the system's error when it cannot be created, ENOTDIR when a file is in its place.
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  // Not Node's `recursive`: that never returns when a folder cannot be created although its parent exists, as in /proc.
  for (let folder = resolve(path); !existsSync(folder); folder = dirname(folder)) missing.push(folder);
  for (const folder of missing.reverse()) makeOne(folder);
  if (!statSync(path).isDirectory()) {
    throw Object.assign(new Error(`ENOTDIR: ${path} is a file`), { code: "ENOTDIR" });
  }
}

/**
 * {@link makeFolder} for a folder that holds only files of this system. An existing folder that other users can access, as
 * earlier versions created it, is restricted to its owner.
 * @throws the system's error, also when another user owns the folder.
 */
export function makePrivateFolder(path: string): void {
  makeFolder(path);
  closeToOthers(path, FOLDER_MODE);
}

/** Sets the mode of `path` if other users have any access to it. @throws the system's error when another user owns it. */
export function closeToOthers(path: string, mode: number): void {
  if ((statSync(path).mode & OTHERS) !== 0) chmodSync(path, mode);
}

function makeOne(folder: string): void {
  try {
    mkdirSync(folder, { mode: FOLDER_MODE });
  } catch (error) {
    // Another process may have created it in the meantime.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
