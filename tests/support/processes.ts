// Which processes are there? For tests that must show that none is left, and for ending them.

import { readdirSync, readFileSync } from "node:fs";
import { until } from "./poll.ts";
import { kill } from "./run.ts";

/** Pids of all processes that have `name=value` in the environment they were started with (Linux). */
export function processesWith(name: string, value: string): readonly number[] {
  const wanted = `${name}=${value}`;
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => environmentOf(pid).includes(wanted))
    .map(Number);
}

/** Ends them with SIGKILL, and those that they have started meanwhile; resolves when none is left. */
export async function endProcessesWith(name: string, value: string): Promise<void> {
  await until("all its processes are gone", () => {
    const left = processesWith(name, value);
    for (const pid of left) kill(pid);
    return left.length === 0;
  });
}

/** Resident memory of a process in MB; 0 when it is gone. */
export function residentMb(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
}

// Of all Linux systems that Node runs on: USER_HZ is 100.
const TICK_MS = 10;

/** CPU time of a process and all its threads so far, in milliseconds; 0 when it is gone. */
export function cpuTime(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Fields 14 and 15 (utime, stime) of proc(5); the second one is a name that may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return 0;
  }
}

/**
 * The same, of the threads that it has now, as the scheduler counts it: to the nanosecond, and not by who runs at a tick of the clock, so
 * also what many short wake-ups cost. {@link cpuTime} where the system does not count it.
 */
export function runTime(pid: number): number {
  if (ranMs(pid, pid) === 0) return cpuTime(pid);
  return readdirSync(`/proc/${pid}/task`).reduce((all, thread) => all + ranMs(pid, thread), 0);
}

/** 0 when the thread is gone. */
function ranMs(pid: number, thread: number | string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ", 1)[0]) / 1e6;
  } catch {
    return 0;
  }
}

/**
 * How long the main thread of a process has been ready to run without a processor, in milliseconds; 0 when it is gone, or
 * where the system does not count it.
 */
export function waitedForCpu(pid: number): number {
  try {
    const [, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ");
    return Number(waitedNs) / 1e6;
  } catch {
    return 0;
  }
}

export function isAlive(pid: number): boolean {
  return kill(pid, 0);
}

function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    // Ended meanwhile, or somebody else's.
    return [];
  }
}

/** The command line of a process; empty when it is gone. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
