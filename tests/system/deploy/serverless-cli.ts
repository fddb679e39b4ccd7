// The `serverless` command, as people run it.

import { join } from "node:path";
import { type Ended, mustRun, run } from "../../support/run.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const bin = join(root, "node_modules", "serverless", "bin", "serverless.js");

type Environment = Readonly<Record<string, string | undefined>>;

/** `serverless <options>` with `environment` alone; variables of .env that are in it count as it says. */
const command = (options: readonly string[], env: Environment): Parameters<typeof run> => [
  process.execPath,
  [bin, ...options],
  // A group of its own: after a failed build esbuild keeps running, and the command waits for it.
  { cwd: root, env, group: true },
];

export const serverless = (options: readonly string[], environment: Environment): Promise<Ended> =>
  run(...command(options, environment));

/** As {@link serverless}, and returns what it printed. @throws {Error} with that when the command fails. */
export const mustServerless = (options: readonly string[], environment: Environment): Promise<string> =>
  mustRun(...command(options, environment));
