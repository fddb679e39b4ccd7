// Tools of other languages, fetched once into a cache folder outside the repository.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { mustRun } from "./run.ts";

const CACHE = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "cfmp-order");
const FETCH_WITHIN_MS = 15 * 60_000;

/** A folder with all that the dependencies of a Maven project consist of. Needs Maven. */
export const jarsOf = (pom: string): Promise<string> =>
  fetched("jars", pom, async (folder) => {
    const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";
    const options = [`-DoutputDirectory=${folder}`, "-DincludeScope=runtime"];
    await mustRun("mvn", ["-q", "-B", "-f", pom, goal, ...options], limits);
  });

/** The `bin` folder of a Python environment with what `requirements` names. Needs Python 3.10 with venv. */
export const pythonTools = async (requirements: string): Promise<string> => {
  const folder = await fetched("python", requirements, async (venv) => {
    await mustRun("python3", ["-m", "venv", venv], limits);
    await mustRun(join(venv, "bin", "pip"), ["install", "--quiet", "--requirement", requirements], limits);
  });
  return join(folder, "bin");
};

const limits = { withinMs: FETCH_WITHIN_MS, shown: true };

/** The folder for what `source` describes; a fetch that was broken off has no `complete`, and is begun anew. */
async function fetched(
  kind: string,
  source: string,
  fetch: (folder: string) => Promise<void>,
): Promise<string> {
  const digest = createHash("sha256").update(readFileSync(source)).digest("hex").slice(0, 12);
  const folder = join(CACHE, `${kind}-${digest}`);
  const complete = join(folder, "complete");
  if (existsSync(complete)) return folder;
  console.log(`Fetching what ${source} names, once, into ${folder}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await fetch(folder);
  writeFileSync(complete, "");
  return folder;
}
