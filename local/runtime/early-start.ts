// What starts before osls has read the whole project: the settings, the helper process, and the sidecar. Both load in their own
// processes while osls and serverless-offline load in this one, which takes the longest part of a start.

import type { Config } from "../../lib/config/env.ts";
import { wantedHelperPorts } from "../helper/wanted.ts";
import { requireDistinctPorts } from "../shared/ports.ts";
import { fail } from "../shared/start-up-error.ts";
import { prepareEnvironment } from "./environment.ts";
import { type HelperKeeper, keepHelper } from "./helper-keeper.ts";
import { type SidecarProcess, startSidecar } from "./sidecar-process.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

export interface EarlyStart {
  readonly config: Config;
  readonly terminal: Terminal;
  readonly sidecar: SidecarProcess;
  readonly helper: HelperKeeper;
  /** Whether the services' logs are kept in files, besides what the terminal shows. */
  readonly logFiles: boolean;
}

let begun: EarlyStart | undefined;

/** Completes the environment and starts both processes, once; later calls return the same. Ends the process on a wrong setting. */
export function earlyStart(): EarlyStart {
  begun ??= begin(process.env, { open: openTerminal, logFiles: true });
  return begun;
}

/** Where a run reports. */
export interface Output {
  /** Opens what writes to standard output: `out` takes text, entries of the runtime's own below `level` are dropped. */
  readonly open: (out: (text: string) => void, level: string) => Terminal;
  readonly logFiles: boolean;
}

/** Completes `env` and starts both processes. Ends the process on a wrong setting. */
export function begin(env: NodeJS.ProcessEnv, { open, logFiles }: Output): EarlyStart {
  try {
    const config = prepareEnvironment(env);
    requireDistinctPorts(wantedHelperPorts(config));
    const terminal = open((text) => process.stdout.write(text), config.LOG_LEVEL);
    process.once("exit", terminal.flush);
    // The helper first: the tables wait for it. With a copy of the environment: invocations add Lambda's variables to it, which
    // processes that are started later must not get.
    const helper = keepHelper(config, terminal.log, env["CFMP_INSTANCE"]);
    const sidecar = startSidecar({ env: { ...env }, log: terminal.log });
    return { config, terminal, sidecar, helper, logFiles };
  } catch (error) {
    fail(error);
  }
}
