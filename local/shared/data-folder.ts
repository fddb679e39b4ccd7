// The folders named by the settings: DATA_DIR for data that survive a run, LOG_DIR for logs.

import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import { messageOf } from "../../lib/core/failure-text.ts";
import { makeFolder } from "../../lib/files/private-folder.ts";
import { codeOf } from "../../lib/files/system-error.ts";
import { StartUpError } from "./start-up-error.ts";

/**
 * Creates the folder if it does not exist.
 * @returns its absolute path.
 * @throws {StartUpError} when it cannot be created, read or written.
 */
export function dataFolder(path: string): string {
  const folder = resolve(path);
  try {
    makeFolder(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return folder;
  } catch (error) {
    throw unusable(path, error);
  }
}

/** The start-up error for something in the data folder that cannot be used. */
export function unusable(path: string, error: unknown): StartUpError {
  return new StartUpError(
    "data_folder_unusable",
    `The data folder ${path} cannot be used (${messageOf(error)}). ${remedy(error)}, or set DATA_DIR in .env.`,
  );
}

/** The start-up error for logs that cannot be written to `path`, a file or its folder. */
export function logsUnusable(path: string, error: unknown): StartUpError {
  return new StartUpError(
    "log_folder_unusable",
    `Logs cannot be written to ${path} (${messageOf(error)}). ${remedy(error)}, or set LOG_DIR in .env.`,
  );
}

/** What the operator can do about it. */
function remedy(error: unknown): string {
  const code = codeOf(error);
  if (code === "ENOSPC" || code === "EDQUOT") return "Free some space on its disk";
  if (code === "EROFS") return "Mount its disk for writing";
  if (code === "ENOTDIR" || code === "EEXIST") return "Move the file away that is in its place";
  return "Make it a folder that can be read and written";
}
