// One cold start of a function, in a process of its own.

import { join } from "node:path";
import { residentMb } from "../../tests/support/processes.ts";
import { begin, kill } from "../../tests/support/run.ts";
import type { ColdFunction } from "./functions.ts";
import { startRuntimeApi } from "./runtime-api.ts";

export interface ColdStart {
  /** Milliseconds of CPU time until the function asks for its first event, those of Node's own start included. */
  readonly init: number;
  /** Milliseconds of CPU time for the first event, and for the second one. */
  readonly first: number;
  readonly second: number;
  /** Resident MB after both. */
  readonly memory: number;
  /** What the first event was answered with; 0 for a function without HTTP. */
  readonly status: number;
}

const BOOTSTRAP = join(import.meta.dirname, "bootstrap.js");

/** Starts `cold` with `env` alone, and gives it `event` twice. @throws when it can't be loaded, or fails. */
export async function coldStart(
  cold: ColdFunction,
  env: Readonly<Record<string, string>>,
  event: unknown,
): Promise<ColdStart> {
  const api = await startRuntimeApi();
  const child = await begin(process.execPath, ["--no-warnings", BOOTSTRAP, cold.file], {
    env: { ...env, _HANDLER: cold.handler, AWS_LAMBDA_RUNTIME_API: api.address },
  });
  try {
    const died = child.ended.then((code) => {
      throw new Error(`${cold.name} ended with ${code}: ${child.stderr()}${child.stdout()}`);
    });
    died.catch(() => {});
    const orDied = <T>(work: Promise<T>): Promise<T> => Promise.race([work, died]);
    const init = await orDied(api.asked());
    const first = await orDied(api.invoke(event));
    const between = await orDied(api.asked());
    const second = await orDied(api.invoke(event));
    return {
      init,
      first: first.cpu - init,
      second: second.cpu - between,
      memory: residentMb(child.pid),
      status: statusOf(first.result),
    };
  } finally {
    kill(child.pid);
    await child.ended;
    api.close();
  }
}

const statusOf = (result: unknown): number =>
  typeof result === "object" && result !== null && "statusCode" in result ? Number(result.statusCode) : 0;
