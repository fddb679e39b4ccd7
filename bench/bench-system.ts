// The system under measurement, and how to aim load at it.

import { setTimeout as sleep } from "node:timers/promises";
import { type System, startSystem } from "../tests/support/system.ts";
import type { Measured, Timing } from "./load/job.ts";
import { type ByRole, byRole, mapRoles, type Processes, runTimes } from "./processes.ts";
import { NO_LONGER_FALLS, untilCalm } from "./rest.ts";

/** Signs callbacks in place of the provider. */
export const SANDBOX_SECRET = "a sandbox secret for benches alone, no other use";

/** Starts the system with data of its own; `env` adds settings. @param root another checkout of it. */
export const startBenchSystem = (
  env: Readonly<Record<string, string>> = {},
  root?: string,
): Promise<System> =>
  startSystem({ env: { SANDBOX_SECRET, ...env }, ...(root === undefined ? {} : { root }) });

export const processesOf = (system: System): Processes => byRole(system.pids());

/** Milliseconds after the last request until a system does what it does all night: until then lists of called services are polled. */
const NIGHT_MS = 20_000;

/** CPU milliseconds per second without requests. */
export interface Idle {
  /** Just after some: what the cost of a request is above. */
  readonly soon: ByRole;
  /** When nobody has used the system for a while. */
  readonly later: ByRole;
}

/** What a system uses that nobody sends a request to while this runs. */
export async function idleRates(processes: Processes, forMs: number): Promise<Idle> {
  const begun = performance.now();
  const soon = await idleRate(processes, forMs);
  await sleep(Math.max(0, begun + NIGHT_MS - performance.now()));
  return { soon, later: await rate(processes, 2 * forMs) };
}

/** CPU milliseconds per second that processes use without requests, once what follows a start is done. */
export async function idleRate(processes: Processes, forMs: number): Promise<ByRole> {
  await untilCalm([processes], NO_LONGER_FALLS);
  return rate(processes, forMs);
}

async function rate(processes: Processes, forMs: number): Promise<ByRole> {
  const begun = performance.now();
  const before = runTimes(processes);
  await sleep(forMs);
  const tookMs = performance.now() - begun;
  return mapRoles(runTimes(processes), (value, role) => ((value - (before[role] ?? 0)) / tookMs) * 1_000);
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
