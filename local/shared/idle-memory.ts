// Gives back the memory that a burst of requests has left behind, once the process is idle. V8 would do so itself (its "memory
// reducer"), but takes a process with a few requests a second for one at work, and then waits without end: freed pages and garbage stay
// resident, 150 MB of a runtime that needs 130.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Milliseconds between looks. */
const LOOK_MS = 5_000;
/** Share of a processor below which a process is idle. A collection stops it for about 50 ms, which would delay requests. */
const IDLE_SHARE = 0.05;
/**
 * Looks in a row at which it was idle: half a minute. The next burst has to grow the young generation anew, and its pages: bursts of
 * five seconds with a collection before each took a fifth more CPU.
 */
const IDLE_LOOKS = 6;
/** By how much it has to have grown. */
const GROWN = 1.1;
/** Looks until the size after a collection is known: V8 keeps the pages that it has freed for another eight seconds. */
const SETTLES = 3;

/** What a process has used so far. */
export interface Usage {
  /** Milliseconds of CPU time. */
  readonly cpuMs: number;
  /** Resident bytes. */
  readonly resident: number;
}

export interface IdleMemoryPorts {
  readonly usage: () => Usage;
  readonly collect: () => void;
}

/**
 * Collects garbage whenever this process has been idle for half a minute and has grown by a tenth since the last time. The first look
 * only notes the size. Does not keep the process alive. @returns ends it.
 */
export function releaseMemoryWhenIdle(ports: IdleMemoryPorts = OWN): () => void {
  const grown = createGrowth(LOOK_MS);
  const timer = setInterval(() => {
    if (grown(ports.usage())) ports.collect();
  }, LOOK_MS).unref();
  return () => clearInterval(timer);
}

/** Says at each look whether memory is to be collected. @param everyMs milliseconds between looks. */
export function createGrowth(everyMs: number): (seen: Usage) => boolean {
  let cpuMs: number | undefined;
  let idleLooks = 0;
  /** Resident bytes that it needs; unknown while a collection settles. */
  let needed: number | undefined;
  let settling = 0;
  return (seen) => {
    const idle = cpuMs !== undefined && seen.cpuMs - cpuMs < everyMs * IDLE_SHARE;
    cpuMs = seen.cpuMs;
    idleLooks = idle ? idleLooks + 1 : 0;
    if (settling > 0) {
      settling -= 1;
      return false;
    }
    needed = Math.min(needed ?? seen.resident, seen.resident);
    if (idleLooks < IDLE_LOOKS || seen.resident < needed * GROWN) return false;
    needed = undefined;
    settling = SETTLES - 1;
    return true;
  };
}

/** Frees all objects that nothing refers to; takes as long as V8 needs to look at all others. */
export function collectGarbage(): void {
  // Not a flag of the command line: that would give every module a global `gc`, and some packages behave otherwise with it.
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  if (typeof collect === "function") collect();
}

const OWN: IdleMemoryPorts = {
  usage() {
    const { user, system } = process.cpuUsage();
    return { cpuMs: (user + system) / 1_000, resident: process.memoryUsage.rss() };
  },
  collect: collectGarbage,
};
