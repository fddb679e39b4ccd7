// Detects that a process is ending before its sockets close. They stay open until the kernel has freed its memory, which takes
// 40 to 150 ms for a runtime; meanwhile it accepts connections and answers none.

import { closeSync, openSync, readSync } from "node:fs";

/** Milliseconds between checks of a process that is at work. A check takes 13 µs, and waking up for it 0.1 ms. */
const BUSY_LOOK_MS = 20;
/** Of one that is idle: nobody is waiting for its replies, and most of the time the end of the channel shows it sooner. */
const IDLE_LOOK_MS = 100;
/** Milliseconds over which the CPU time of the process is compared. */
const COMPARED_MS = 1_000;
/** Share of a processor from which a process is at work; an idle runtime uses less than a hundredth. */
const BUSY_SHARE = 0.03;

/** `PF_EXITING` of the kernel's task flags (include/linux/sched.h): set first of all when a task ends. */
const EXITING = 0x4;
/** Milliseconds of a clock tick in proc(5): USER_HZ is 100 wherever Node runs. */
const TICK_MS = 10;

/**
 * Calls `onDying` once when the process `pid` is ending, for any reason. Does nothing without `/proc` (not Linux): there only
 * the end of the channel shows it. Does not keep this process alive.
 */
export function whenDying(pid: number, onDying: () => void): void {
  const file = open(pid);
  if (file === undefined) return;
  const buffer = Buffer.alloc(1_024);
  const pace = createPace();
  const look = () => {
    const seen = read(file, buffer);
    if (seen !== "dying") {
      setTimeout(look, pace(performance.now(), seen.cpuMs)).unref();
      return;
    }
    closeSync(file);
    onDying();
  };
  setTimeout(look, BUSY_LOOK_MS).unref();
}

/**
 * How soon to check again, in milliseconds, by the CPU time that the process has used so far; both in milliseconds. It counts as
 * busy until it has been compared once.
 */
export function createPace(): (now: number, cpuMs: number) => number {
  let since: { readonly at: number; readonly cpuMs: number } | undefined;
  let pause = BUSY_LOOK_MS;
  return (now, cpuMs) => {
    since ??= { at: now, cpuMs };
    const elapsed = now - since.at;
    if (elapsed >= COMPARED_MS) {
      pause = cpuMs - since.cpuMs >= elapsed * BUSY_SHARE ? BUSY_LOOK_MS : IDLE_LOOK_MS;
      since = { at: now, cpuMs };
    }
    return pause;
  };
}

/** The open file keeps referring to this process, even if its pid is reused. */
function open(pid: number): number | undefined {
  try {
    return openSync(`/proc/${pid}/stat`, "r");
  } catch {
    return undefined;
  }
}

function read(file: number, buffer: Buffer): { readonly cpuMs: number } | "dying" {
  try {
    const text = buffer.toString("latin1", 0, readSync(file, buffer, 0, buffer.length, 0));
    // After the command in parentheses: state (third field of proc(5)), flags (ninth), utime and stime (14 and 15).
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ", 13);
    const [state = "", , , , , , flags = "", , , , , user = "", system = ""] = fields;
    if (state === "Z" || state === "X" || (Number(flags) & EXITING) !== 0) return "dying";
    return { cpuMs: (Number(user) + Number(system)) * TICK_MS };
  } catch {
    // The process no longer exists.
    return "dying";
  }
}
