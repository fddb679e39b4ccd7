// The goals of the benchmarks. They were derived from the predecessor of this system (gunicorn and MariaDB), which was
// measured once, on another machine, and is not part of this repository: its figures can't be repeated here.

export const PREDECESSOR = { p50: 248, perSecond: 8.7, cpu: 190 };

/** Ten times better than the predecessor. */
export const GOAL = { p50: 25, perSecond: 87, cpu: 19 };

export const LIMITS = { startRatio: 1.5, memoryMb: 450, overheadMs: 0.3, operations: 10 };
