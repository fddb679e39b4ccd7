// Small files that outlive the process: replaced whole, so that a crash or a full disk leaves the old one or the new one.

import { renameSync, rmSync, writeFileSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { FILE_MODE, makeFolder } from "./private-folder.ts";

const OPTIONS = { flag: "wx", mode: FILE_MODE, flush: true };
let drafts = 0;

/** Makes the file's folder if need be. Nobody else writes to a file of this name; the rename is what others see. */
function beginDraft(path: string): string {
  makeFolder(dirname(path));
  drafts += 1;
  return `${path}.${process.pid}-${drafts}.tmp`;
}

/**
 * Puts `text` in the place of the file, which only its owner may read. Its content is on disk, through a power cut too,
 * when it resolves.
 * @throws the system's error (ENOSPC, EACCES, …); then the file is as it was.
 */
export async function replaceFile(path: string, text: string | Buffer): Promise<void> {
  const draft = beginDraft(path);
  try {
    await writeFile(draft, text, OPTIONS);
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true });
    throw cause;
  }
}

/** {@link replaceFile} for callers that cannot wait. */
export function replaceFileSync(path: string, text: string | Buffer): void {
  const draft = beginDraft(path);
  try {
    writeFileSync(draft, text, OPTIONS);
    renameSync(draft, path);
  } catch (cause) {
    rmSync(draft, { force: true });
    throw cause;
  }
}
