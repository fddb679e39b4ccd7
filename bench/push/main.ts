// npm run bench:push [-- --connections N --users N --seconds N --frames N --orders N --rate N --gateway --json FILE]: live
// connections, many at once.

import { writeFileSync } from "node:fs";
import { fromCommandLine } from "../../tests/support/command.ts";
import { measure } from "./measure.ts";
import { optionsOf } from "./options.ts";
import { toMarkdown } from "./report.ts";

const begun = performance.now();
const say = (what: string) =>
  process.stderr.write(`${((performance.now() - begun) / 1_000).toFixed(0).padStart(4)} s  ${what}\n`);

const options = fromCommandLine(optionsOf);
const figures = await measure(options, say);
console.log(toMarkdown(figures));
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
process.exit(0);
