// npm run state-machines writes docs/state-machines.md; npm run check:contract fails when it is not what the tables say.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stateMachinesPage } from "./state-machines-page.ts";

const NAME = "docs/state-machines.md";
const path = join(import.meta.dirname, "..", "..", "..", NAME);
const derived = await stateMachinesPage();

if (read(path) === derived) {
  if (process.argv.includes("--write")) console.log("Nothing has changed.");
} else if (process.argv.includes("--write")) {
  writeFileSync(path, derived);
  console.log(`Wrote ${NAME}.`);
} else {
  console.error(`${NAME}: not what the tables say. Run npm run state-machines and commit the result.`);
  process.exitCode = 1;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
