// The command line of osls, as far as it is read before osls does.

import { parseArgs } from "node:util";

/** The stage of a command that names none, as in serverless.yml. */
export const DEFAULT_STAGE = "dev";

/** With one of these, osls prints something instead of running the command. */
const INFORM_ONLY = ["--help", "-h", "--version", "-v"];

/** Whether the arguments of a command ask how it is used. */
export const asksForHelp = (args: readonly string[]): boolean =>
  args.includes("--help") || args.includes("-h");

/** Whether `argv` of a process is `serverless offline start`, and runs it: it does not only ask for help or the version. */
export const isOfflineStart = ([, , ...args]: readonly string[]): boolean => {
  const firstOption = args.findIndex((argument) => argument.startsWith("-"));
  const command = args.slice(0, firstOption < 0 ? args.length : firstOption);
  return command.join(" ") === "offline start" && !args.some((argument) => INFORM_ONLY.includes(argument));
};

/** The stage that osls takes from the arguments of a command. */
export function stageOf(args: readonly string[]): string {
  const { stage } = parseArgs({
    args: [...args],
    options: { stage: { type: "string", short: "s" } },
    strict: false,
  }).values;
  return typeof stage === "string" ? stage : DEFAULT_STAGE;
}
