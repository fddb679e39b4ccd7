// The `serverless` command, as people run it.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { endGroup } from "./end-group.ts";

export interface Ended {
  /** -1 when it was ended because it took too long. */
  readonly code: number;
  /** Standard output and error. */
  readonly output: string;
}

const root = join(import.meta.dirname, "..", "..", "..");
const bin = join(root, "node_modules", "serverless", "bin", "serverless.js");

/** Longest time for one command; packaging alone takes minutes on a busy machine. */
const WITHIN_MS = 8 * 60_000;

/** Runs `serverless <options>` with `environment` alone; variables of .env that are in it count as it says. */
export async function serverless(
  options: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Ended> {
  const child = spawn(process.execPath, [bin, ...options], {
    cwd: root,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: a build that failed leaves esbuild running, and the command waiting for it.
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => {
      output += part;
    });
  }
  let late = false;
  const end = () => endGroup(child.pid);
  process.once("exit", end);
  const timer = setTimeout(() => {
    late = true;
    end();
  }, WITHIN_MS);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (status) => resolve(status ?? 1));
    });
    return { code: late ? -1 : code, output };
  } finally {
    clearTimeout(timer);
    process.off("exit", end);
  }
}

/** As {@link serverless}, and returns what it printed. @throws {Error} with that when the command fails. */
export async function mustServerless(
  options: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const { code, output } = await serverless(options, environment);
  if (code !== 0) throw new Error(`serverless ${options.join(" ")} ended with ${code}:\n${output}`);
  return output;
}
