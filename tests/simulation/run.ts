// npm run simulate -- [--seed N] [--runs M] [--workers W] [--verbose]: histories of the whole system in virtual time.

import { fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import * as z from "zod";
import { type Explored, explore, historyOf, shrink } from "./explore.ts";
import { runHistory } from "./history.ts";
import { describeHistory } from "./tell.ts";
import { addTo, noTally } from "./world.ts";

const SHRINK_MS = 60_000;
/** Of so many failing histories all is told. */
const TOLD = 3;
const PROGRESS_MS = 10_000;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    runs: { type: "string", default: "1000" },
    workers: { type: "string", default: "1" },
    verbose: { type: "boolean", default: false },
    part: { type: "boolean", default: false },
  },
});
const whole = z.coerce.number().int().min(0);
const seed = values.seed === undefined ? randomInt(2 ** 30) : whole.parse(values.seed);
const runs = whole.parse(values.runs);
const workers = Math.max(1, Math.min(whole.parse(values.workers), runs));

const violation = z.object({
  promise: z.enum([
    "1 money",
    "2 notifications",
    "3 durable",
    "4 one winner",
    "5 private",
    "settled",
    "steps",
  ]),
  text: z.string(),
});
const finding = z.object({ seed: z.int(), histories: z.int(), violations: z.array(violation).readonly() });
const tally = z.object({
  requests: z.int(),
  acknowledged: z.int(),
  writes: z.int(),
  faults: z.int(),
  deaths: z.int(),
  captures: z.int(),
});
const part = z.object({ passed: z.int(), tally, findings: z.array(finding).readonly(), cpuMs: z.number() });
type Part = z.infer<typeof part>;

if (values.part) process.send?.(await timed(() => explore(seed, runs)));
else await main();

/** What came of `work`, with the time that cores were busy with it. */
async function timed(work: () => Promise<Explored>): Promise<Part> {
  const before = process.cpuUsage();
  const explored = await work();
  const { user, system } = process.cpuUsage(before);
  return { ...explored, cpuMs: (user + system) / 1_000 };
}

async function main(): Promise<void> {
  console.log(`seed ${seed}, ${runs} histories`);
  const begun = performance.now();
  const share = Math.ceil(runs / workers);
  const parts = await Promise.all(
    workers === 1
      ? [timed(() => explore(seed, runs, { progress: progressLine(begun) }))]
      : Array.from({ length: workers }, (_, at) =>
          inChild(seed + at * share, Math.max(0, Math.min(share, runs - at * share))),
        ),
  );
  const findings = parts.flatMap((one) => one.findings);
  const passed = parts.reduce((sum, one) => sum + one.passed, 0);
  for (const { seed: failing, violations } of findings.slice(0, TOLD)) {
    console.log(`\nseed ${failing} breaks what may never break:`);
    for (const { promise, text } of violations) console.log(`  ${promise}: ${text}`);
    await tellShrunk(failing);
    console.log(`Again: npm run simulate -- --seed ${failing} --runs 1 --verbose`);
  }
  if (values.verbose && runs === 1) console.log((await told(seed)).join("\n"));
  const total = noTally();
  for (const one of parts) addTo(total, one.tally);
  console.log(
    `\n${Object.entries(total)
      .map(([what, count]) => `${count} ${what}`)
      .join(", ")}`,
  );
  const rate = (milliseconds: number) => Math.round(runs / (milliseconds / 60_000));
  const busy = parts.reduce((sum, one) => sum + one.cpuMs, 0);
  console.log(`${rate(performance.now() - begun)} histories a minute, ${rate(busy)} per minute of a core`);
  console.log(`${passed} passed, ${findings.length} failed`);
  process.exitCode = findings.length > 0 ? 1 : 0;
}

async function told(of: number): Promise<readonly string[]> {
  const history = historyOf(of);
  return [...describeHistory(history), "", ...(await runHistory(history, true)).trace];
}

async function tellShrunk(failing: number): Promise<void> {
  const small = await shrink(failing, SHRINK_MS);
  if (!small) return;
  const { trace } = await runHistory(small.history, true);
  console.log(`Shrunk ${small.shrinks} times (fast-check's path ${small.path.slice(0, 60)}):`);
  for (const line of [...describeHistory(small.history), "", ...trace]) console.log(`  ${line}`);
}

function progressLine(begun: number): (run: number) => Promise<void> | undefined {
  let last = begun;
  return (run) => {
    if (performance.now() - last < PROGRESS_MS) return undefined;
    last = performance.now();
    console.log(`${run} histories, ${Math.round(run / ((last - begun) / 60_000))} a minute`);
    return new Promise((resolve) => setImmediate(resolve));
  };
}

/** Runs a part in a process of its own. */
function inChild(from: number, count: number): Promise<Part> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, ["--part", "--seed", String(from), "--runs", String(count)]);
    child.once("message", (message) => resolve(part.parse(message)));
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`A worker ended with ${code}`)));
  });
}
