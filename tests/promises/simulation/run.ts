// npm run simulate -- [--seed N] [--runs M] [--workers W] [--seconds S] [--verbose]: histories of the whole system in virtual time.

import { numbered } from "../../../tools/promises/promised.ts";
import { commandOptions, flag, number, report, seed as seedOption } from "../../support/command.ts";
import { describeHistory } from "./describe-history.ts";
import { type Finding, historyOf, shrink } from "./explore.ts";
import { runHistory } from "./history.ts";
import { addTo, noTally } from "./notes.ts";
import { type Part, work, workInChild } from "./work.ts";

const SHRINK_MS = 60_000;
/** This many failing histories are described in full. */
const DESCRIBED = 3;
const PROGRESS_MS = 10_000;

const options = commandOptions({
  seed: seedOption,
  runs: number(1_000),
  workers: number(1),
  seconds: number(undefined),
  verbose: flag,
});
const { seed, runs, seconds, verbose } = options;
const workers = Math.max(1, Math.min(options.workers, runs));
const begun = Date.now();
const until = seconds === undefined ? Number.MAX_SAFE_INTEGER : begun + seconds * 1_000;

console.log(`seed ${seed}, ${runs} histories`);
const findings: Finding[] = [];
const total = noTally();
let passed = 0;
let cpuMs = 0;
let reportedAt = begun;

await runAll();
for (const finding of findings.slice(0, DESCRIBED)) await describe(finding);
if (verbose && runs === 1) console.log((await linesOf(seed)).join("\n"));
const counts = Object.entries(total).map(([what, count]) => `${count} ${what}`);
console.log(`\n${counts.join(", ")}`);
console.log(`${rate(Date.now() - begun)} histories a minute, ${rate(cpuMs)} per minute of a core`);
report({ passed, failed: findings.length });

async function runAll(): Promise<void> {
  if (workers === 1) return work({ seed, runs, until }, add);
  const share = Math.ceil(runs / workers);
  await Promise.all(
    Array.from({ length: workers }, (_, at) =>
      workInChild(
        { seed: seed + at * share, runs: Math.max(0, Math.min(share, runs - at * share)), until },
        add,
      ),
    ),
  );
}

function add(part: Part): void {
  passed += part.passed;
  cpuMs += part.cpuMs;
  findings.push(...part.findings);
  addTo(total, part.tally);
  if (Date.now() - reportedAt < PROGRESS_MS) return;
  reportedAt = Date.now();
  console.log(`${passed} passed, ${rate(reportedAt - begun)} a minute`);
}

function rate(milliseconds: number): number {
  return Math.round((passed + findings.length) / (milliseconds / 60_000));
}

async function describe({ seed: failing, violations }: Finding): Promise<void> {
  console.log(`\nseed ${failing} breaks what may never break:`);
  for (const { promise, text } of violations) console.log(`  ${numbered(promise)}: ${text}`);
  const small = await shrink(failing, SHRINK_MS);
  if (small) {
    const { trace } = await runHistory(small.history, true);
    console.log(`Shrunk ${small.shrinks} times (fast-check's path ${small.path.slice(0, 60)}):`);
    for (const line of [...describeHistory(small.history), "", ...trace]) console.log(`  ${line}`);
  }
  console.log(`Again: npm run simulate -- --seed ${failing} --runs 1 --verbose`);
}

async function linesOf(of: number): Promise<readonly string[]> {
  const history = historyOf(of);
  return [...describeHistory(history), "", ...(await runHistory(history, true)).trace];
}
