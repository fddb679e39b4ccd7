// Why nothing can be written, in words that everybody may read, and whether waiting may help.

import { DatabaseStartError } from "./errors.ts";
import { deepest } from "./leveldb.ts";

/** Whether no waiting mends it: what is on the disk is not what was acknowledged. */
export const isLasting = (error: unknown): boolean =>
  error instanceof DatabaseStartError && LASTING.includes(error.code);

const LASTING: readonly string[] = ["database_corrupt", "database_incomplete"];

/** In a few words without a path, since `/health/` shows them to everybody. */
export function reasonOf(error: unknown): string {
  if (error instanceof DatabaseStartError) {
    if (error.code === "database_corrupt") return "its files are damaged";
    if (error.code === "database_incomplete")
      return "writes that were acknowledged are missing from its files";
    if (error.code === "database_path_locked") return "another process has its files";
  }
  const { message } = deepest(error);
  if (/no space|quota/i.test(message)) return "there is no space left on its disk";
  if (/read-only/i.test(message)) return "its disk is read-only";
  return "its disk fails";
}
