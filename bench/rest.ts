// When are systems at rest again after a load? What they have put off until then disturbs whatever is measured beside it.

import { setTimeout as sleep } from "node:timers/promises";
import { median } from "../tests/support/quantiles.ts";
import type { Processes } from "./processes.ts";
import { type Usages, usagesOf, usedByRole } from "./usage.ts";

/** What counts as rest, and how long it is waited for. */
export interface Calm {
  readonly stepMs: number;
  /** So many calm steps in a row. */
  readonly steps: number;
  readonly withinMs: number;
  /** @param rates CPU milliseconds per second of each system in this step. @param before the same in the step before, if there was one. */
  is(rates: readonly number[], before: readonly number[] | undefined): boolean;
}

const IDLE_SECONDS = 12;
/** Above twice its idle rate: sweeps and collections of garbage come in bursts. */
const SLACK_MS_PER_SECOND = 60;

/** What a system without requests uses in a typical second, in CPU milliseconds: sweeps and collections of garbage come in bursts. */
export async function idleOf(processes: Processes): Promise<number> {
  const seconds: number[] = [];
  let before = look([processes]);
  while (seconds.length < IDLE_SECONDS) {
    await sleep(1_000);
    const now = look([processes]);
    seconds.push(...ratesBetween(before, now));
    before = now;
  }
  return median(seconds);
}

/**
 * The work after the last reply (relays) is done: a system's own heartbeats and sweeps stay under this. The steps are short, as their CPU time
 * is counted in what is measured.
 */
export const WORK_IS_DONE: Calm = {
  stepMs: 100,
  steps: 1,
  withinMs: 5_000,
  is: (rates) => rates.every((rate) => rate < 300),
};

/** The CPU time that a second takes no longer falls, by more than two ticks of the kernel's clock: where nobody knows yet what is usual. */
export const NO_LONGER_FALLS: Calm = {
  stepMs: 1_000,
  steps: 2,
  withinMs: 20_000,
  is: (rates, before) =>
    rates.every((rate, index) => rate >= (before?.[index] ?? Number.POSITIVE_INFINITY) - 20),
};

/** Each one uses little more than without requests. @param idle CPU milliseconds per second of each system then. */
export const nearIdle = (idle: readonly number[], withinMs: number): Calm => ({
  stepMs: 500,
  steps: 2,
  withinMs,
  is: (rates) => rates.every((rate, index) => rate <= 2 * (idle[index] ?? 0) + SLACK_MS_PER_SECOND),
});

/** Says after each step whether all are at rest. The steps are given in CPU milliseconds per second of each system. */
export function createRest({ steps, is }: Pick<Calm, "steps" | "is">): (rates: readonly number[]) => boolean {
  let calm = 0;
  let before: readonly number[] | undefined;
  return (rates) => {
    calm = is(rates, before) ? calm + 1 : 0;
    before = rates;
    return calm >= steps;
  };
}

/** Waits until all systems are at rest at the same time. @returns whether they are, for as long as is waited. */
export async function untilCalm(systems: readonly Processes[], calm: Calm): Promise<boolean> {
  const atRest = createRest(calm);
  const end = performance.now() + calm.withinMs;
  let before = look(systems);
  while (performance.now() < end) {
    await sleep(calm.stepMs);
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

const look = (systems: readonly Processes[]): Look => ({
  at: performance.now(),
  usages: systems.map(usagesOf),
});

/** CPU milliseconds per second, of each system. */
const ratesBetween = (before: Look, now: Look): readonly number[] =>
  now.usages.map(
    (usages, index) => (cpuBetween(before.usages[index] ?? {}, usages) / (now.at - before.at)) * 1_000,
  );
