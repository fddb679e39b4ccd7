// When are systems at rest again after a load? What they have put off until then disturbs whatever is measured beside it.

import { setTimeout as sleep } from "node:timers/promises";
import { median } from "../tests/support/quantiles.ts";
import type { Processes } from "./processes.ts";
import { type Usages, usagesOf, usedByRole } from "./usage.ts";

/** A system, and the CPU milliseconds that it uses in a second without requests. */
export interface Resting {
  readonly processes: Processes;
  readonly idleMs: number;
}

const IDLE_SECONDS = 12;
const STEP_MS = 500;
const CALM_STEPS = 2;
/** Above twice its idle rate: sweeps and collections of garbage come in bursts. */
const SLACK_MS_PER_SECOND = 60;

/** What a system without requests uses in a typical second, in CPU milliseconds: sweeps and collections of garbage come in bursts. */
export async function idleOf(processes: Processes): Promise<number> {
  const seconds: number[] = [];
  let before = look([{ processes }]);
  while (seconds.length < IDLE_SECONDS) {
    await sleep(1_000);
    const now = look([{ processes }]);
    seconds.push(...ratesBetween(before, now));
    before = now;
  }
  return median(seconds);
}

/**
 * Says after each step whether all are at rest: each one has used little in the last steps. @param idle CPU milliseconds per second of
 * each system without requests; the steps are given in the same order and unit.
 */
export function createRest(idle: readonly number[]): (used: readonly number[]) => boolean {
  let calm = 0;
  return (used) => {
    const isCalm = used.every((rate, index) => rate <= 2 * (idle[index] ?? 0) + SLACK_MS_PER_SECOND);
    calm = isCalm ? calm + 1 : 0;
    return calm >= CALM_STEPS;
  };
}

/** Waits until all are at rest at the same time. @returns whether they are, within `withinMs`. */
export async function untilAtRest(systems: readonly Resting[], withinMs: number): Promise<boolean> {
  const atRest = createRest(systems.map(({ idleMs }) => idleMs));
  const end = performance.now() + withinMs;
  let before = look(systems);
  while (performance.now() < end) {
    await sleep(STEP_MS);
    const now = look(systems);
    if (atRest(ratesBetween(before, now))) return true;
    before = now;
  }
  return false;
}

/** CPU milliseconds of a system between two looks, `seconds` apart, above what it uses without requests. */
export const aboveIdle = (before: Usages, after: Usages, seconds: number, idleMs: number): number =>
  Math.max(0, cpuBetween(before, after) - idleMs * seconds);

const cpuBetween = (before: Usages, after: Usages): number =>
  Object.values(usedByRole(before, after)).reduce((all, { ms }) => all + ms, 0);

interface Look {
  readonly at: number;
  readonly usages: readonly Usages[];
}

const look = (systems: readonly Pick<Resting, "processes">[]): Look => ({
  at: performance.now(),
  usages: systems.map(({ processes }) => usagesOf(processes)),
});

/** CPU milliseconds per second, of each system. */
const ratesBetween = (before: Look, now: Look): readonly number[] =>
  now.usages.map(
    (usages, index) => (cpuBetween(before.usages[index] ?? {}, usages) / (now.at - before.at)) * 1_000,
  );
