// How long this process had to wait for a core: what a machine with other work adds to any time that is measured.

import { monitorEventLoopDelay } from "node:perf_hooks";

/** Begins to watch; gives the longest wait so far, in milliseconds. Processes beside this one wait about as long. */
export function watchStalls(): () => number {
  const delays = monitorEventLoopDelay({ resolution: 20 });
  delays.enable();
  return () => Math.round(delays.max / 1e6);
}
