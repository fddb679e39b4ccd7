// The system under measurement, and how to aim load at it.

import { setTimeout as sleep } from "node:timers/promises";
import { type System, startSystem } from "../tests/support/system.ts";
import type { Measured, Timing } from "./load/job.ts";
import { type ByRole, byRole, cpuTimes, mapRoles, type Processes, sum } from "./processes.ts";

/** Signs callbacks in place of the provider. */
export const SANDBOX_SECRET = "a sandbox secret for benches alone, no other use";

const STEADY_SECONDS = 2;
const MOST_SECONDS = 20;
/** Two ticks of the kernel's clock. */
const STEADY_MS = 20;

/** Starts the system with data of its own; `env` adds settings. @param root another checkout of it. */
export const startBenchSystem = (
  env: Readonly<Record<string, string>> = {},
  root?: string,
): Promise<System> =>
  startSystem({ env: { SANDBOX_SECRET, ...env }, ...(root === undefined ? {} : { root }) });

export const processesOf = (system: System): Processes => byRole(system.pids());

/** CPU milliseconds per second that processes use without requests, once what follows a start is done. */
export async function idleRate(processes: Processes, forMs: number): Promise<ByRole> {
  await atRest(processes);
  const before = cpuTimes(processes);
  await sleep(forMs);
  return mapRoles(cpuTimes(processes), (value, role) => ((value - (before[role] ?? 0)) / forMs) * 1_000);
}

/** Waits until the CPU time that a second takes no longer falls. */
async function atRest(processes: Processes): Promise<void> {
  let steady = 0;
  let lastUsed = Number.POSITIVE_INFINITY;
  for (let second = 0; steady < STEADY_SECONDS && second < MOST_SECONDS; second += 1) {
    const before = sum(cpuTimes(processes));
    await sleep(1_000);
    const used = sum(cpuTimes(processes)) - before;
    steady = used >= lastUsed - STEADY_MS ? steady + 1 : 0;
    lastUsed = used;
  }
}

/** CPU milliseconds for each thing done, above what the processes use when idle. */
export function cpuEach({ cpuMs, wallMs, count }: Measured, idle: ByRole): ByRole {
  return mapRoles(cpuMs, (value, role) => {
    const above = value - ((idle[role] ?? 0) * wallMs) / 1_000;
    return Math.max(0, above) / Math.max(1, count);
  });
}

/** Numbers of concurrent clients. The larger one runs first, so that hot code is compiled before the smaller one is measured. */
export const WIDTHS = [32, 1] as const;

export interface Length {
  readonly warmUpMs: number;
  readonly warmUpCount: number;
  readonly windowMs: number;
}

export const timing = (
  lanes: number,
  processes: Processes,
  { warmUpMs, warmUpCount, windowMs }: Length,
): Timing => ({ lanes, warmUpMs, warmUpCount, windowMs, processes });
