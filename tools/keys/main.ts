// npm run keys -- show | prepare | rotate | finish  [--stage prod]
// Changes SECRET_KEY in .env.<stage>, or in .env when that file does not exist. docs/guides/key-rotation.md says when to do what.

import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { rewriteFileSync } from "../../lib/files/replace-file.ts";
import { envFilesOf } from "../../local/shared/env-file.ts";
import { print } from "../../local/shared/print.ts";
import { exitCodeOf, optionsOf, UsageError } from "../command.ts";
import { afterStep, keyIdsOf, STEPS, type Step } from "./env-keys.ts";

const USAGE = "Usage: npm run keys -- show | prepare | rotate | finish  [--stage prod]";

const NEXT: Readonly<Record<Step, string>> = {
  prepare: "Restart or deploy every process with this file, then: npm run keys -- rotate",
  rotate:
    "Restart or deploy every process with this file. When the last old token has ended (TOKEN_MAX_MINUTES): npm run keys -- finish",
  finish:
    "Restart or deploy every process with this file. What the old key has signed is refused from then on.",
};

process.exitCode = await exitCodeOf(run, 1);

async function run(): Promise<number> {
  const { values, positionals } = optionsOf(USAGE, () =>
    parseArgs({ allowPositionals: true, options: { stage: { type: "string" } } }),
  );
  const [step, ...more] = positionals;
  if (step === undefined || more.length > 0) throw new UsageError(USAGE);
  const path = envFilesOf({ stage: values.stage }).find((name) => existsSync(name));
  if (path === undefined) throw new UsageError("There is no .env. cp .env.example .env makes one.");
  const text = readFileSync(path, "utf8");
  if (step === "show") {
    describe(path, text);
    return 0;
  }
  const known = STEPS.find((one) => one === step);
  if (known === undefined) throw new UsageError(USAGE);
  const after = afterStep(text, known);
  rewriteFileSync(path, after);
  describe(path, after);
  print(NEXT[known]);
  return 0;
}

/** Which keys there are, by their `kid`s: keys themselves are never printed. */
function describe(path: string, text: string): void {
  const [current = "none", ...fallbacks] = keyIdsOf(text);
  print(`${path}: signs with ${current}; accepts as well: ${fallbacks.join(", ") || "none"}`);
}
