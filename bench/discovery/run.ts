// npm run bench:discovery [-- --quick] [--json FILE] [--write]: what discovery costs, and what callers see of faults.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromCommandLine } from "../../tests/support/command.ts";
import { Children } from "./children.ts";
import { measure } from "./measure.ts";
import { optionsOf } from "./options.ts";
import { toMarkdown } from "./report.ts";

const PAGE = join(import.meta.dirname, "..", "..", "docs", "discovery-benchmarks.md");
const begun = performance.now();
const say = (what: string) =>
  process.stderr.write(`${((performance.now() - begun) / 1_000).toFixed(0).padStart(4)} s  ${what}\n`);

const options = fromCommandLine(optionsOf);
const children = new Children();
// A paused instance would not notice that the bench is gone.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, () => children.endAll().finally(() => process.exit(1)));
}
const figures = await measure(options, children, say).finally(() => children.endAll());
const text = toMarkdown(figures);
say("done");
console.log(text);
console.log(`\n${JSON.stringify(figures)}`);
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
if (options.write) {
  writeFileSync(
    PAGE,
    `# Figures of discovery\n\nWritten by \`npm run bench:discovery -- --write\`.\n\n${text}\n`,
  );
}
process.exit(0);
