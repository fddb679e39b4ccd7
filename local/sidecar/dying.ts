// Detects that a process is ending before its sockets close. They stay open until the kernel has freed its memory, which takes
// 40 to 150 ms for a runtime; meanwhile it accepts connections and answers none.

import { closeSync, openSync, readSync } from "node:fs";

/** Milliseconds between checks; a check takes 13 µs. */
const LOOK_MS = 20;

/** `PF_EXITING` of the kernel's task flags (include/linux/sched.h): set first of all when a task ends. */
const EXITING = 0x4;

/**
 * Calls `onDying` once when the process `pid` is ending, for any reason. Does nothing without `/proc` (not Linux): there only
 * the end of the channel shows it. Does not keep this process alive.
 */
export function whenDying(pid: number, onDying: () => void): void {
  const file = open(pid);
  if (file === undefined) return;
  const buffer = Buffer.alloc(1_024);
  const timer = setInterval(() => {
    if (!isDying(file, buffer)) return;
    clearInterval(timer);
    closeSync(file);
    onDying();
  }, LOOK_MS).unref();
}

/** The open file keeps referring to this process, even if its pid is reused. */
function open(pid: number): number | undefined {
  try {
    return openSync(`/proc/${pid}/stat`, "r");
  } catch {
    return undefined;
  }
}

function isDying(file: number, buffer: Buffer): boolean {
  try {
    const text = buffer.toString("latin1", 0, readSync(file, buffer, 0, buffer.length, 0));
    // After the command in parentheses: state (third field of proc(5)), and flags (ninth).
    const [state = "", , , , , , flags = ""] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" || (Number(flags) & EXITING) !== 0;
  } catch {
    // The process no longer exists.
    return true;
  }
}
