// Many histories in chunks, here or in processes beside this one.

import * as z from "zod";
import { Child } from "../../support/child.ts";
import { explore } from "./explore.ts";

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
const part = z.object({
  type: z.literal("part"),
  passed: z.int(),
  tally,
  findings: z.array(finding).readonly(),
  /** How long a core was busy with it. */
  cpuMs: z.number(),
});

/** What came of one chunk. */
export type Part = z.infer<typeof part>;

/** Which histories, and until when (epoch milliseconds) another chunk may begin. */
export interface Share {
  readonly seed: number;
  readonly runs: number;
  readonly until: number;
}

const CHUNK = 250;

/** Runs a share in chunks and reports each; the event loop turns in between. */
export async function work({ seed, runs, until }: Share, report: (part: Part) => void): Promise<void> {
  for (let done = 0; done < runs && Date.now() < until; done += CHUNK) {
    const before = process.cpuUsage();
    const explored = await explore(seed + done, Math.min(CHUNK, runs - done));
    const { user, system } = process.cpuUsage(before);
    report({ type: "part", ...explored, cpuMs: (user + system) / 1_000 });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Runs a share in a process of its own, which ends when this one does. */
export async function workInChild(share: Share, report: (part: Part) => void): Promise<void> {
  const child = new Child<Part>(`${import.meta.dirname}/run-worker.ts`, share);
  child.on((message) => report(part.parse(message)));
  const code = await child.exit;
  if (code !== 0) throw new Error(`A worker ended with ${code}`);
}
