// The Python tools of the deploy test, installed once into a cache folder outside the repository.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

const INSTALL_WITHIN_MS = 10 * 60_000;

export interface PythonTools {
  readonly ministack: string;
  readonly cfnLint: string;
}

/** Installs what requirements.txt asks for, unless that was done. Needs Python 3.10 with venv. */
export async function pythonTools(): Promise<PythonTools> {
  const requirements = join(import.meta.dirname, "requirements.txt");
  const digest = createHash("sha256").update(await readFile(requirements));
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const folder = join(cache, "cfmp-order", `deploy-${digest.digest("hex").slice(0, 12)}`);
  if (!existsSync(join(folder, "complete"))) await install(folder, requirements);
  return { ministack: join(folder, "bin", "ministack"), cfnLint: join(folder, "bin", "cfn-lint") };
}

/** An installation that was broken off has no `complete`, and is begun anew. */
async function install(folder: string, requirements: string): Promise<void> {
  console.log(`Installing the emulator into ${folder}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await run("python3", ["-m", "venv", folder]);
  await run(join(folder, "bin", "pip"), ["install", "--quiet", "--requirement", requirements]);
  await writeFile(join(folder, "complete"), "");
}

function run(command: string, options: readonly string[]): Promise<void> {
  const child = spawn(command, options, {
    stdio: ["ignore", "inherit", "inherit"],
    timeout: INSTALL_WITHIN_MS,
  });
  return new Promise((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new Error(`${command} does not start; it is needed here`, { cause })),
    );
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ${options.join(" ")} ended with ${code}`)),
    );
  });
}
