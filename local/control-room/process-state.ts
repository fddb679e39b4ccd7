// What the operating system says of a process.

import { readFileSync } from "node:fs";

/** Whether a signal has stopped it (state `T` of proc(5)); false where that can't be known: elsewhere than on Linux. */
export function isStopped(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name before it, in parentheses, may hold anything.
    return /^[Tt]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}
