// Tools of other languages, fetched once into a cache folder outside the repository.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../lib/core/failure-text.ts";
import { holding } from "./held-file.ts";
import { mustRun } from "./run.ts";

const CACHE = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "cfmp-order");
/** Milliseconds that a fetch may take: the limit of a hook that fetches, as Jest's usual one is for what the product does. */
export const FETCH_WITHIN_MS = 15 * 60_000;
/** Milliseconds to wait before another attempt: a registry that did not answer once is no fault of what is tested. */
const AGAIN_AFTER_MS = [2_000, 10_000];

/** A folder with all that the dependencies of a Maven project consist of, with `properties` set. Needs Maven. */
export const jarsOf = (pom: string, properties: Readonly<Record<string, string>> = {}): Promise<string> => {
  const set = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`);
  return fetched("jars", [readFileSync(pom, "utf8"), ...set], async (folder) => {
    const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";
    const options = [`-DoutputDirectory=${folder}`, "-DincludeScope=runtime", ...set];
    await mustRun("mvn", ["-q", "-B", "-f", pom, goal, ...options], limits);
  });
};

/** The `bin` folder of a Python environment with what `requirements` names. Needs Python 3.10 with venv. */
export const pythonTools = (requirements: string): Promise<string> =>
  pythonEnvironment(readFileSync(requirements, "utf8"), ["--requirement", requirements]);

/** The same with `packages`, each as pip takes it. */
export const pythonWith = (packages: readonly string[]): Promise<string> =>
  pythonEnvironment(packages.join("\n"), packages);

async function pythonEnvironment(key: string, install: readonly string[]): Promise<string> {
  const folder = await fetched("python", [key], async (venv) => {
    await mustRun("python3", ["-m", "venv", venv], limits);
    await mustRun(join(venv, "bin", "pip"), ["install", "--quiet", ...install], limits);
  });
  return join(folder, "bin");
}

const limits = { withinMs: FETCH_WITHIN_MS, shown: true };

/**
 * The folder that `fetch` has filled for `key`, now or in an earlier run; a fetch that was broken off has no file `complete`, and
 * is begun anew. Of several processes that want it at once one fetches and the others wait.
 */
export async function fetched(
  kind: string,
  key: readonly string[],
  fetch: (folder: string) => Promise<unknown>,
): Promise<string> {
  const digest = createHash("sha256").update(key.join("\0")).digest("hex").slice(0, 12);
  const folder = join(CACHE, `${kind}-${digest}`);
  const complete = join(folder, "complete");
  if (existsSync(complete)) return folder;
  mkdirSync(CACHE, { recursive: true });
  await holding(`${folder}.lock`, FETCH_WITHIN_MS, async () => {
    if (existsSync(complete)) return;
    console.log(`Fetching ${kind}, once, into ${folder}`);
    await repeated(AGAIN_AFTER_MS, async () => {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      await fetch(folder);
      writeFileSync(complete, "");
    });
  });
  return folder;
}

/** Does `work` again after each of `pauses`, until it succeeds. @throws {Error} the last one. */
async function repeated(pauses: readonly number[], work: () => Promise<void>): Promise<void> {
  for (const pause of pauses) {
    try {
      return await work();
    } catch (error) {
      console.log(`${messageOf(error)}\nOnce more in ${pause} ms.`);
      await sleep(pause);
    }
  }
  return work();
}
