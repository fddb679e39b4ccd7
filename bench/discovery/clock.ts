// One time for all processes of a run.

/** Epoch milliseconds with a fraction; processes of one machine agree on it to within a millisecond. */
export const wallClock = (): number => performance.timeOrigin + performance.now();
