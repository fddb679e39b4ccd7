// npm run bench:room [-- --only page,pixel,flows,starts,hour,kills --seconds N --pairs N --rounds N --minutes N --json FILE]: what telemetry and
// the control room cost, how fast the page is, and whether it sees that the promises hold while runtimes are killed from it.

import { writeFileSync } from "node:fs";
import { launchChromium } from "../../tests/support/chromium.ts";
import { fromCommandLine } from "../../tests/support/command.ts";
import { measure } from "./measure.ts";
import { optionsOf } from "./options.ts";
import { toMarkdown } from "./report.ts";

const begun = performance.now();
const say = (what: string) =>
  process.stderr.write(`${((performance.now() - begun) / 1_000).toFixed(0).padStart(4)} s  ${what}\n`);

const options = fromCommandLine(optionsOf);
const browser = await launchChromium();
try {
  const figures = await measure(browser, options, say);
  console.log(toMarkdown(figures));
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
} finally {
  await browser.close();
}
process.exit();
