// Starts plain serverless-offline on a free port, from the same node_modules.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { freePorts } from "../../tests/support/free-ports.ts";
import { until } from "../../tests/support/poll.ts";

const ROOT = join(import.meta.dirname, "..", "..");

export interface Baseline {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from spawning to the first 200. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

/** Starts the project of `config` (a file beside this one) and waits until `/trivial` answers. */
export async function startBaseline(
  config: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Baseline> {
  const [httpPort, lambdaPort] = await freePorts(2);
  const serverless = join(ROOT, "node_modules", ".bin", "serverless");
  const ports = ["--httpPort", String(httpPort), "--lambdaPort", String(lambdaPort)];
  const begun = performance.now();
  const child = spawn(
    process.execPath,
    [serverless, "offline", "start", "--config", config, "--useInProcess", "--noTimeout", ...ports],
    { cwd: import.meta.dirname, env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "pipe"] },
  );
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = `${errors}${text}`.slice(-4_000);
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  const url = `http://localhost:${httpPort}`;
  try {
    await until(
      "plain serverless-offline answers",
      async () => (await fetch(`${url}/trivial`)).status === 200,
      60_000,
    );
  } catch (error) {
    await stop();
    throw new Error(`Plain serverless-offline did not start:\n${errors}`, { cause: error });
  }
  return { url, pid: child.pid ?? 0, readyMs: performance.now() - begun, stop };
}
