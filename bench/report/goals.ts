// What was promised, and the figures of the system that this one replaces (gunicorn and MariaDB, at its best on a
// machine like this).

export const ORIGINAL = { p50: 248, perSecond: 8.7, cpu: 190 };

/** Ten times better than the original. */
export const GOAL = { p50: 25, perSecond: 87, cpu: 19 };

export const LIMITS = { startRatio: 1.5, memoryMb: 450, overheadMs: 0.3, operations: 10 };
