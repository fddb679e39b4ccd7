// CPU time and memory of processes by their role. Linux only: it reads /proc.

import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { commandOf, cpuTime, residentMb, runTime } from "../tests/support/processes.ts";
import { median } from "../tests/support/quantiles.ts";

/** Pids by role, such as `{ runtime: 4711, helper: 4712 }`. */
export type Processes = Readonly<Record<string, number>>;

/** Milliseconds by role. */
export type ByRole = Readonly<Record<string, number>>;

// Of all Linux systems that Node runs on: USER_HZ is 100.
const TICK_MS = 10;
const MEMORY_EVERY_MS = 250;

/** Names the system's processes: the runtime, and the others by the folder of their main file. */
export const byRole = (pids: readonly number[]): Processes =>
  Object.fromEntries(pids.map((pid) => [roleOf(commandOf(pid)) ?? `pid ${pid}`, pid]));

function roleOf(command: string): string | undefined {
  if (/serverless\S* offline start/.test(command)) return "runtime";
  return /([\w-]+)\/main\.\w+/.exec(command)?.[1];
}

/** CPU time that each process has used so far, all its threads, in milliseconds. */
export function cpuTimes(processes: Processes): ByRole {
  return mapRoles(processes, cpuTime);
}

/** The same to the nanosecond; threads that have ended are left out. */
export function runTimes(processes: Processes): ByRole {
  return mapRoles(processes, runTime);
}

/** Resident MB by role. */
export type Memory = ByRole;

export const memoryOf = (processes: Processes): Memory =>
  mapRoles(processes, (pid) => Math.round(residentMb(pid)));

/** Looks at the memory again and again; what it returns ends that, and gives the look at which all together had most. */
export function watchMemory(processes: Processes): () => Memory {
  let most = memoryOf(processes);
  const look = () => {
    const now = memoryOf(processes);
    if (sum(now) > sum(most)) most = now;
  };
  const timer = setInterval(look, MEMORY_EVERY_MS);
  return () => {
    clearInterval(timer);
    look();
    return most;
  };
}

/** Looks at the memory again and again; what it returns ends that, and gives the median of the looks at each process. */
export function watchTypicalMemory(processes: Processes): () => Memory {
  const looks = [memoryOf(processes)];
  const timer = setInterval(() => looks.push(memoryOf(processes)), MEMORY_EVERY_MS);
  return () => {
    clearInterval(timer);
    return mapRoles(processes, (_, role) => Math.round(median(looks.map((look) => look[role] ?? 0))));
  };
}

export function mapRoles(values: ByRole, map: (value: number, role: string) => number): ByRole {
  return Object.fromEntries(Object.entries(values).map(([role, value]) => [role, map(value, role)]));
}

export const sum = (values: ByRole): number => Object.values(values).reduce((all, value) => all + value, 0);

/** CPU time that all processes of the machine have used so far (or were denied by its host), in milliseconds. */
export function machineTime(): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = firstLine("/proc/stat")
    .split(/\s+/)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) * TICK_MS;
}

/** The share of the machine that others took while `ownMs` of CPU time were used in `wallMs`; 0 to 1. */
export function othersShare(machineMs: number, ownMs: number, wallMs: number): number {
  return Math.max(0, machineMs - ownMs) / (wallMs * availableParallelism());
}

function firstLine(path: string): string {
  try {
    return readFileSync(path, "utf8").split("\n", 1)[0] ?? "";
  } catch {
    return "";
  }
}
