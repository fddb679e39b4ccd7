// The folder with what outlives a run: the embedded database, and the secret key of DEBUG.

import { accessSync, constants, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { StartUpError } from "./start-up-error.ts";

/**
 * Makes the folder if needed.
 * @returns its absolute path.
 * @throws {StartUpError} when it cannot be read or written.
 */
export function dataFolder(path: string): string {
  const folder = resolve(path);
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return folder;
  } catch (error) {
    throw unusable(path, error);
  }
}

/** The start-up error for something in the data folder that cannot be used. */
export function unusable(path: string, error: unknown): StartUpError {
  const reason = error instanceof Error ? error.message : String(error);
  return new StartUpError(
    "data_folder_unusable",
    `The data folder ${path} cannot be used (${reason}). Make it readable and writable, or set DATA_DIR in .env.`,
  );
}
