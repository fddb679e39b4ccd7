// Histories by seed: run them, and make a failing one small.

import fc from "fast-check";
import { runHistory } from "./history.ts";
import { addTo, noTally, type Tally, type Violation } from "./notes.ts";
import { anyHistory, type History } from "./steps.ts";

export interface Finding {
  /** `--seed` of this very history. */
  readonly seed: number;
  /** How many histories were run until it was found, this one included. */
  readonly histories: number;
  readonly violations: readonly Violation[];
}

export interface Explored {
  readonly passed: number;
  readonly findings: readonly Finding[];
  /** Of all histories together. */
  readonly tally: Tally;
}

/** The history that `seed` stands for; always the same. */
export function historyOf(seed: number): History {
  const [history] = fc.sample(anyHistory, { seed, numRuns: 1, unbiased: true });
  if (!history) throw new Error("fast-check made no history");
  return history;
}

/** Runs the histories `seed`, `seed + 1`, … Stops after `most` findings. The event loop does not turn meanwhile. */
export async function explore(
  seed: number,
  runs: number,
  most: number = Number.POSITIVE_INFINITY,
): Promise<Explored> {
  const findings: Finding[] = [];
  const total = noTally();
  let run = 0;
  while (run < runs && findings.length < most) {
    const { violations, tally } = await runHistory(historyOf(seed + run));
    addTo(total, tally);
    run += 1;
    if (violations.length > 0) findings.push({ seed: seed + run - 1, histories: run, violations });
  }
  return { passed: run - findings.length, findings, tally: total };
}

export interface Shrunk {
  readonly history: History;
  /** fast-check's path to it from the seed. */
  readonly path: string;
  readonly shrinks: number;
}

/** A smaller history that fails like the one of `seed`; undefined when that one passes. */
export async function shrink(seed: number, timeLimitMs: number): Promise<Shrunk | undefined> {
  const property = fc.asyncProperty(anyHistory, async (history) => {
    const { violations } = await runHistory(history);
    return violations.length === 0;
  });
  const details = await fc.check(property, {
    seed,
    numRuns: 1,
    unbiased: true,
    interruptAfterTimeLimit: timeLimitMs,
    markInterruptAsFailure: false,
  });
  const history = details.counterexample?.[0];
  if (!history) return undefined;
  return { history, path: details.counterexamplePath ?? "", shrinks: details.numShrinks };
}
