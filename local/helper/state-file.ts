// Where the running helper of a data folder is found: a small file only its owner may read.

import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface HelperState {
  readonly pid: number;
  /** The port on loopback where leases are taken. */
  readonly port: number;
  /** Shows that whoever asks may read the file. */
  readonly secret: string;
}

const file = (dataDir: string) => join(dataDir, "backing.json");

/** What the file says, or undefined: it may be left over from a helper that was killed, so ask the helper itself. */
export async function readState(dataDir: string): Promise<HelperState | undefined> {
  try {
    const state: HelperState = JSON.parse(await readFile(file(dataDir), "utf8"));
    return state;
  } catch {
    return undefined;
  }
}

/** Replaces the file in one step. */
export async function writeState(dataDir: string, state: HelperState): Promise<void> {
  const draft = `${file(dataDir)}.${process.pid}`;
  await writeFile(draft, JSON.stringify(state), { mode: 0o600 });
  await rename(draft, file(dataDir));
}

export async function removeState(dataDir: string): Promise<void> {
  await rm(file(dataDir), { force: true });
}
