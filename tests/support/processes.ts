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
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
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
