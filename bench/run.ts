// npm run bench [-- --quick] [--stored N] [--write] [--json FILE]: measures the running system and prints what it saw.
// With --against FOLDER it compares this checkout with another one; with --profile it prints a profile of the flow.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromCommandLine } from "../tests/support/command.ts";
import { compareWith } from "./compare/against.ts";
import { measure } from "./measure.ts";
import { effortOf, type Options, optionsOf } from "./options.ts";
import { profileFlow } from "./profile/profile.ts";
import { comparison } from "./report/comparison.ts";
import { profileText } from "./report/flows.ts";
import { toPage } from "./report/page.ts";

const PAGE = join(import.meta.dirname, "..", "docs", "benchmarks.md");
const begun = performance.now();
const say = (what: string) =>
  process.stderr.write(`${((performance.now() - begun) / 1_000).toFixed(0).padStart(4)} s  ${what}\n`);

const options = fromCommandLine(optionsOf);
const { figures, text } = await run(options);
say("done");
console.log(text);
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
process.exit(0);

async function run({
  against,
  profile,
  write,
  ...rest
}: Options): Promise<{ figures: object; text: string }> {
  const effort = effortOf(options);
  if (profile) {
    const times = await profileFlow(effort);
    return { figures: times, text: profileText(times) };
  }
  if (against !== undefined) {
    const compared = await compareWith({ root: against, ...rest }, effort, say);
    return { figures: compared, text: comparison(compared) };
  }
  const seen = await measure(options, say);
  const page = toPage(seen);
  if (write) writeFileSync(PAGE, `# Figures\n\nWritten by \`npm run bench -- --write\`.\n\n${page}\n`);
  return { figures: seen, text: page };
}
