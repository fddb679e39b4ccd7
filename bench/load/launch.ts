// Starts load processes.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Filled, FillJob, Job, Measured, PairJob, PairMeasured, Seeded, SeedJob } from "./job.ts";

const run = promisify(execFile);
const MAIN = join(import.meta.dirname, "main.ts");
const WITHIN_MS = 240_000;

/** Runs a job in a process of its own. @throws {Error} with its output when an answer was wrong. */
export async function load(job: Job): Promise<Measured> {
  const measured: Measured = JSON.parse(await launch(job));
  return measured;
}

/** Writes orders into the database. */
export async function seed(job: Omit<SeedJob, "kind">): Promise<Seeded> {
  const seeded: Seeded = JSON.parse(await launch({ kind: "seed", ...job }));
  return seeded;
}

/** Compares one request as two users. */
export async function loadPair(job: Omit<PairJob, "kind">): Promise<PairMeasured> {
  const measured: PairMeasured = JSON.parse(await launch({ kind: "pair", ...job }));
  return measured;
}

/** Fills a database that nobody has open. */
export async function fill(job: Omit<FillJob, "kind">): Promise<Filled> {
  const filled: Filled = JSON.parse(await launch({ kind: "fill", ...job }));
  return filled;
}

async function launch(job: Job | SeedJob | PairJob | FillJob): Promise<string> {
  const { stdout } = await run(process.execPath, ["--no-warnings", MAIN, JSON.stringify(job)], {
    timeout: WITHIN_MS,
    killSignal: "SIGKILL",
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}
