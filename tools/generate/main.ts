// npm run generate writes what is derived from functions/services.ts and the contracts: documents in docs/, and the parts
// of docker-compose-services.yml and .env.example. npm run check:contract fails when one of them is not up to date.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { complain, print } from "../../local/shared/print.ts";
import { exitCodeOf, optionsOf } from "../command.ts";
import { documents } from "./documents.ts";

const ROOT = join(import.meta.dirname, "..", "..");

const USAGE = "Usage: npm run generate, or npm run check:contract";

process.exitCode = await exitCodeOf(run, 1);

async function run(): Promise<number> {
  const options = { check: { type: "boolean", default: false } } as const;
  const { values } = optionsOf(USAGE, () => parseArgs({ options }));
  const outdated: string[] = [];
  for (const { path, derive } of documents) {
    const file = join(ROOT, path);
    const current = read(file);
    const derived = await derive(current);
    if (derived === current) continue;
    outdated.push(path);
    if (values.check) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, derived);
  }
  if (!values.check) print(outdated.length === 0 ? "Nothing has changed." : `Wrote ${outdated.join(", ")}.`);
  else if (outdated.length > 0) {
    complain(`Not up to date: ${outdated.join(", ")}. Run npm run generate and commit the result.`);
    return 1;
  }
  return 0;
}

/** The text of `file`; empty when there is none yet. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}
