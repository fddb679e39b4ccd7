// A closed loop: each lane does the same thing over and over; latencies are kept one by one.

import { cpuTime } from "../../tests/support/processes.ts";
import { machineTime, othersShare, sum } from "../processes.ts";
import { untilCalm, WORK_IS_DONE } from "../rest.ts";
import { usagesOf, usedByRole } from "../usage.ts";
import type { Measured, Timing } from "./job.ts";

/** As a multiple of the time that is asked for. */
const LONGEST_WARM_UP = 4;

/** Warms up, then measures. `once` gets the number of its lane, and throws when the answer is wrong. */
export async function closedLoop(timing: Timing, once: (lane: number) => Promise<void>): Promise<Measured> {
  const { lanes } = timing;
  const processes = timing.countClient ? { ...timing.processes, client: process.pid } : timing.processes;
  // What follows the replies is counted, too.
  const rest = async () => timing.windowAlone || untilCalm([processes], WORK_IS_DONE);
  const warmedUp = await spin(lanes, timing.warmUpMs, once, timing.warmUpCount);
  await rest();
  const before = { cpu: usagesOf(processes), machine: machineTime(), own: cpuTime(process.pid) };
  const begun = performance.now();
  const first = monotonicMicros();
  const latencies = await spin(lanes, timing.windowMs, once);
  const last = monotonicMicros();
  const elapsed = performance.now() - begun;
  await rest();
  const wallMs = performance.now() - begun;
  const usageAtEnd = usagesOf(processes);
  const threads = usedByRole(before.cpu, usageAtEnd);
  const cpuMs = Object.fromEntries(Object.entries(threads).map(([role, { ms }]) => [role, ms]));
  const client = cpuTime(process.pid) - before.own;
  const own = sum({ ...cpuMs, client });
  latencies.sort((a, b) => a - b);
  return {
    count: latencies.length,
    countWithWarmUp: latencies.length + warmedUp.length,
    perSecond: (latencies.length / elapsed) * 1_000,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    longest: latencies.at(-1) ?? 0,
    wallMs,
    cpuMs,
    threads: Object.fromEntries(Object.entries(threads).map(([role, { byKind }]) => [role, byKind])),
    usageAtEnd,
    others: othersShare(machineTime() - before.machine, own, wallMs),
    window: [first, last],
  };
}

/**
 * Runs all lanes for `forMs`, longer while fewer than `atLeast` were done, and lets each end what it has begun. Gives
 * every latency in milliseconds.
 */
async function spin(
  lanes: number,
  forMs: number,
  once: (lane: number) => Promise<void>,
  atLeast = 0,
): Promise<number[]> {
  const latencies: number[] = [];
  const begun = performance.now();
  const goesOn = (now: number) =>
    now < begun + forMs || (latencies.length < atLeast && now < begun + forMs * LONGEST_WARM_UP);
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      for (let now = performance.now(); goesOn(now); ) {
        await once(lane);
        const then = performance.now();
        latencies.push(then - now);
        now = then;
      }
    }),
  );
  return latencies;
}

/** The value that a share of all is not above; `sorted` is ascending. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

const monotonicMicros = (): number => Number(process.hrtime.bigint() / 1_000n);
