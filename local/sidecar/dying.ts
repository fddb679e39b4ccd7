// Detects that a process is ending before its sockets close. They stay open until the kernel has freed its memory, which takes
// 40 to 150 ms for a runtime; meanwhile it accepts connections and answers none.

import { callAt, nextSecond } from "../../lib/core/call-at.ts";
import { PROBE_MS } from "./health-machine.ts";

// An ES import of `node:fs` reads every export of it, of which `promises` loads thirty parts of Node: 1 MB and 6 ms of CPU.
const { closeSync, openSync, readSync } = process.getBuiltinModule("node:fs");

/** Milliseconds between checks of a process that is at work. A check takes 13 µs, and waking up for it 0.1 ms. */
const BUSY_LOOK_MS = 20;
/** Of one that is idle but has much memory to free. */
const LARGE_LOOK_MS = 100;
/**
 * Of one that is idle and small: the end of the channel shows its end sooner than looks would, after 30 ms for 130 MB. These looks see
 * when that changes; they share their wake-ups with the probes.
 */
const SMALL_LOOK_MS = PROBE_MS;
/** Resident bytes from which a process is large. */
const LARGE = 256 * 1024 * 1024;
/** Milliseconds over which the CPU time of the process is compared. */
const COMPARED_MS = 1_000;
/** Share of a processor from which a process is at work; an idle runtime uses less than a hundredth. */
const BUSY_SHARE = 0.03;

/** `PF_EXITING` of the kernel's task flags (include/linux/sched.h): set first of all when a task ends. */
const EXITING = 0x4;
/** Milliseconds of a clock tick in proc(5): USER_HZ is 100 wherever Node runs. */
const TICK_MS = 10;
/** proc(5) counts resident memory in pages; on systems with larger ones, processes count as small when they have more memory. */
const PAGE_BYTES = 4_096;

/** What a living process has used so far. */
interface Used {
  readonly cpuMs: number;
  /** Resident bytes. */
  readonly resident: number;
}

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
      const now = performance.now();
      const wait = pace(now, seen);
      if (wait < PROBE_MS) setTimeout(look, wait).unref();
      else callAt(nextSecond(now), look, { keepsAlive: false });
      return;
    }
    closeSync(file);
    onDying();
  };
  setTimeout(look, BUSY_LOOK_MS).unref();
}

/**
 * How soon to check again, in milliseconds, by what the process has used so far; `now` in milliseconds. It counts as busy until it has
 * been compared once.
 */
export function createPace(): (now: number, used: Used) => number {
  let since: { readonly at: number; readonly cpuMs: number } | undefined;
  let busy = true;
  return (now, { cpuMs, resident }) => {
    since ??= { at: now, cpuMs };
    const elapsed = now - since.at;
    if (elapsed >= COMPARED_MS) {
      busy = cpuMs - since.cpuMs >= elapsed * BUSY_SHARE;
      since = { at: now, cpuMs };
    }
    if (busy) return BUSY_LOOK_MS;
    return resident >= LARGE ? LARGE_LOOK_MS : SMALL_LOOK_MS;
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

function read(file: number, buffer: Buffer): Used | "dying" {
  try {
    const text = buffer.toString("latin1", 0, readSync(file, buffer, 0, buffer.length, 0));
    // After the command in parentheses: state (third field of proc(5)), flags (ninth), utime and stime (14 and 15), rss (24).
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ", 22);
    const [state = "", , , , , , flags = "", , , , , user = "", system = ""] = fields;
    if (state === "Z" || state === "X" || (Number(flags) & EXITING) !== 0) return "dying";
    return { cpuMs: (Number(user) + Number(system)) * TICK_MS, resident: Number(fields[21]) * PAGE_BYTES };
  } catch {
    // The process no longer exists.
    return "dying";
  }
}
