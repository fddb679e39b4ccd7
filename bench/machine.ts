// How fast the machine is. CPU time differs between machines, and on one machine from moment to moment, by up to twice: its clock, its
// caches, and what runs on the other half of the same core. So two things are compared by turns; this is to tell machines apart.

import { cpus } from "node:os";
import { quantile } from "../tests/support/quantiles.ts";

const { imul } = Math;
/** About a millisecond. */
const ROUNDS = 1_000_000;
const EVERY_MS = 1_000;
const WARM_UP = 10;

/** What figures were seen on, and when. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly node: string;
  readonly date: string;
}

/** CPU milliseconds of a fixed piece of work. */
export interface Loop {
  /** With a core to itself: what this machine can do. */
  readonly leastMs: number;
  /** While this was measured: how much of a core others left. */
  readonly medianMs: number;
}

export function thisMachine(): Machine {
  const { length: cores, 0: first } = cpus();
  return { cores, cpu: first?.model ?? "", node: process.version, date: new Date().toISOString() };
}

/**
 * Times a short loop every second in this process, which takes a thousandth of a core. What it returns ends that, and gives the least,
 * which does not depend on what else the machine does if it is quiet once in all the time, and the median.
 */
export function watchSpeed(): () => Loop {
  const table = new Uint32Array(4_096);
  // Until V8 has compiled it.
  for (let time = 0; time < WARM_UP; time += 1) timedLoop(table);
  const times = [timedLoop(table)];
  const timer = setInterval(() => times.push(timedLoop(table)), EVERY_MS).unref();
  return () => {
    clearInterval(timer);
    return { leastMs: Math.min(...times), medianMs: quantile(times, 0.5) };
  };
}

/** Integers and a little memory. */
function timedLoop(table: Uint32Array): number {
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) {
    const at = imul(round, 2_654_435_761) >>> 20;
    table[at] = ((table[at] ?? 0) + imul(round ^ at, 31)) >>> 0;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
