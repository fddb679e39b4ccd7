// npm run check:imports fails, a line each, when a file imports what its place in the layout forbids.

import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { objectionTo, relativeImports } from "./import-rules.ts";

const root = join(import.meta.dirname, "..", "..");
let files = 0;

for await (const from of glob("{functions,lib,local,tests,bench,tools}/**/*.{ts,js}", { cwd: root })) {
  files += 1;
  for (const named of relativeImports(readFileSync(join(root, from), "utf8"))) {
    const to = relative(root, join(root, dirname(from), named));
    const objection = objectionTo(from, to);
    if (objection === undefined) continue;
    console.error(`${from} imports ${to}: ${objection}`);
    process.exitCode = 1;
  }
}
if (files === 0) throw new Error(`No source was found below ${root}`);
