// The system under measurement, and how to aim load at it.

import { setTimeout as sleep } from "node:timers/promises";
import { type System, startSystem } from "../tests/support/system.ts";
import type { Measured, Timing } from "./load/job.ts";
import { type ByRole, byRole, cpuTimes, mapRoles, type Processes } from "./processes.ts";

/** Signs callbacks in place of the provider. */
export const SANDBOX_SECRET = "a sandbox secret for benches alone, no other use";

/** Starts the system with data of its own; `env` adds settings. @param root another checkout of it. */
export const startBenchSystem = (
  env: Readonly<Record<string, string>> = {},
  root?: string,
): Promise<System> =>
  startSystem({ env: { SANDBOX_SECRET, ...env }, ...(root === undefined ? {} : { root }) });

export const processesOf = (system: System): Processes => byRole(system.pids());

/** CPU milliseconds per second that processes use without requests. */
export async function idleRate(processes: Processes, forMs: number): Promise<ByRole> {
  const before = cpuTimes(processes);
  await sleep(forMs);
  return mapRoles(cpuTimes(processes), (value, role) => ((value - (before[role] ?? 0)) / forMs) * 1_000);
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
