// The command line of osls, as far as it is read before osls does.

import { parseArgs } from "node:util";

/** The stage of a command that names none, as in serverless.yml. */
export const DEFAULT_STAGE = "dev";

/** Whether `argv` of a process is `serverless offline start`, and not asking for help. */
export const isOfflineStart = ([, , ...args]: readonly string[]): boolean =>
  args[0] === "offline" && args[1] === "start" && !args.includes("--help") && !args.includes("-h");

/** The stage that osls takes from the arguments of a command. */
export function stageOf(args: readonly string[]): string {
  const { stage } = parseArgs({
    args: [...args],
    options: { stage: { type: "string", short: "s" } },
    strict: false,
  }).values;
  return typeof stage === "string" ? stage : DEFAULT_STAGE;
}
