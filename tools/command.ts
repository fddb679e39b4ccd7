// How a command ends: with an exit code, and a line for people where it failed.

import { messageOf } from "../lib/core/failure-text.ts";
import { complain } from "../local/shared/print.ts";

/** A wrong option or argument; the message says what is right. */
export class UsageError extends Error {
  readonly code = "usage";
}

/** The exit code of `run`; `failed`, after a line that says why, when it throws (a wrong option, a wrong setting). */
export async function exitCodeOf(run: () => Promise<number>, failed: number): Promise<number> {
  try {
    return await run();
  } catch (error) {
    complain(messageOf(error));
    return failed;
  }
}

/** The options that `parse` reads. @throws {UsageError} with `usage` for what is none. */
export function optionsOf<T>(usage: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(`${messageOf(error)}\n${usage}`);
  }
}
