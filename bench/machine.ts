// How fast the machine is just now. CPU time differs between machines, and on one machine from minute to minute (clock, cache,
// the neighbour on the same core); it is compared in loops of a fixed piece of work that was timed beside it.

import { cpus } from "node:os";
import { median } from "../tests/support/quantiles.ts";

const { imul } = Math;
const ROUNDS = 10_000_000;
const REPEATED = 3;

/** What figures were seen on, and when. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly node: string;
  readonly date: string;
}

export function thisMachine(): Machine {
  const { length: cores, 0: first } = cpus();
  return { cores, cpu: first?.model ?? "", node: process.version, date: new Date().toISOString() };
}

/** CPU milliseconds of one loop in this process: integers and a little memory, as V8 compiles it. Median of three. */
export const calibration = (): number => median(Array.from({ length: REPEATED }, timedLoop));

/** CPU time as a number of loops, of which one took `calibrationMs` beside it. */
export const inLoops = (cpuMs: number, calibrationMs: number): number => cpuMs / calibrationMs;

function timedLoop(): number {
  const table = new Uint32Array(4_096);
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) {
    const at = imul(round, 2_654_435_761) >>> 20;
    table[at] = ((table[at] ?? 0) + imul(round ^ at, 31)) >>> 0;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
