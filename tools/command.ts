// How a command ends: with an exit code, and a line for people where it failed.

import { messageOf } from "../lib/core/failure-text.ts";
import { asksForHelp } from "../local/shared/command.ts";
import { complain, print } from "../local/shared/print.ts";

/** A wrong option or argument; the message says what is right. */
export class UsageError extends Error {
  readonly code = "usage";
}

/** Not a failure: how the command is used was asked for. */
class HelpAsked extends Error {}

/**
 * The exit code of `run`; `failed`, after a line that says why, when it throws (a wrong option, a wrong setting), and also when its output is
 * lost: nobody reads the pipe any more (`| head`), or the disk is full. `lost` tells a run that goes on for long of that.
 */
export async function exitCodeOf(
  run: (lost: AbortSignal) => Promise<number>,
  failed: number,
): Promise<number> {
  const lost = new AbortController();
  process.stdout.on("error", () => {
    lost.abort();
    // It may be told only after the last line, when the run is over.
    process.exitCode = failed;
  });
  process.stderr.on("error", () => {});
  try {
    const code = await run(lost.signal);
    return lost.signal.aborted ? failed : code;
  } catch (error) {
    if (error instanceof HelpAsked) {
      print(error.message);
      return 0;
    }
    complain(messageOf(error));
    return failed;
  }
}

/** The options that `parse` reads of the command line. @throws {UsageError} with `usage` for what is none. */
export function optionsOf<T>(usage: string, parse: () => T): T {
  if (asksForHelp(process.argv.slice(2))) throw new HelpAsked(usage);
  try {
    return parse();
  } catch (error) {
    throw new UsageError(`${messageOf(error)}\n${usage}`);
  }
}
