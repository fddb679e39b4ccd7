// The state file: how to reach the helper of a data folder. Only the owner can read it.

import { statSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../../lib/files/replace-file.ts";
import { sealed, unsealed } from "../../lib/files/sealed.ts";
import { withZod } from "../shared/with-zod.ts";
import type { HelperState } from "./state-schema.ts";

/** Where the state of the helper of a data folder is. */
export const stateFile = (dataDir: string): string => join(dataDir, "helper.json");

/**
 * The state in the file; undefined when there is none or it is damaged. It may be left over from a helper that was killed, so
 * connect to the helper to find out.
 */
export async function readState(dataDir: string): Promise<HelperState | undefined> {
  try {
    const path = stateFile(dataDir);
    const { helperState } = await withZod(() => import("./state-schema.ts"));
    return helperState.parse(unsealed(path, await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}

/** Differs for each file that is written here; undefined when there is none. Cheap: the file is not read. */
export function stateMark(dataDir: string): string | undefined {
  const found = statSync(stateFile(dataDir), { throwIfNoEntry: false, bigint: true });
  return found && `${found.ino} ${found.mtimeNs} ${found.size}`;
}

/** Replaces the file atomically. */
export function writeState(dataDir: string, state: HelperState): Promise<void> {
  return replaceFile(stateFile(dataDir), sealed(state));
}

export async function removeState(dataDir: string): Promise<void> {
  await rm(stateFile(dataDir), { force: true });
}
