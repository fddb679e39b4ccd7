// Where the running helper of a data folder is found: a small file only its owner may read.

import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { replaceFile } from "../../lib/files/replace-file.ts";
import { sealed, unsealed } from "../../lib/files/sealed.ts";

const helperState = z.object({
  pid: z.number(),
  /** The port on loopback where leases are taken. */
  port: z.number(),
  /** Shows that whoever asks may read the file. */
  secret: z.string(),
});

export type HelperState = Readonly<z.infer<typeof helperState>>;

const file = (dataDir: string) => join(dataDir, "helper.json");

/**
 * What the file says, or undefined when there is none or it is damaged. It may be left over from a helper that was
 * killed, so ask the helper itself.
 */
export async function readState(dataDir: string): Promise<HelperState | undefined> {
  try {
    const path = file(dataDir);
    return helperState.parse(unsealed(path, await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}

/** Replaces the file in one step. */
export function writeState(dataDir: string, state: HelperState): Promise<void> {
  return replaceFile(file(dataDir), sealed(state));
}

export async function removeState(dataDir: string): Promise<void> {
  await rm(file(dataDir), { force: true });
}
