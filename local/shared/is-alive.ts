import { codeOf } from "../../lib/files/system-error.ts";

/** Whether a process with this id runs, also one that belongs to another user. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
