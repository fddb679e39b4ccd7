// npm run bench [-- --quick] [--json FILE] [--write] [--profile]: measures the running system and prints what it saw.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { measure } from "./measure.ts";
import { type Options, optionsOf } from "./options.ts";
import { profileFlow } from "./profile/profile.ts";
import { toMarkdown } from "./report/markdown.ts";

const PAGE = join(import.meta.dirname, "..", "docs", "benchmarks.md");
const begun = performance.now();
const say = (what: string) =>
  process.stderr.write(`${((performance.now() - begun) / 1_000).toFixed(0).padStart(4)} s  ${what}\n`);

const options = optionsOf(process.argv.slice(2));
if (options.profile) console.log(await profileFlow(options, say));
else await run(options);
process.exit(0);

async function run({ json, write }: Options): Promise<void> {
  const figures = await measure(options, say);
  const text = toMarkdown(figures);
  say("done");
  console.log(text);
  console.log(`\n${JSON.stringify(figures)}`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
  if (write) writeFileSync(PAGE, `# Figures\n\nWritten by \`npm run bench -- --write\`.\n\n${text}\n`);
}
