// What the figures are judged by: ratios of figures of the same run, shares, counts, and memory. None depends on how fast the
// machine is.

export const GOALS = {
  /** CPU time to ready by that of plain serverless-offline with one trivial function. */
  startRatio: 0.6,
  /** MB of all processes. */
  memoryAtReady: 330,
  /** Memory after load and rest by that at ready. */
  memoryAfterLoad: 1.3,
  /** Share of a core that is used without requests. */
  idleShare: 0.01,
  /** CPU of GET /api/orders/{id}/ by that of a bare handler on plain serverless-offline that makes the same read. */
  readRatio: 1,
  /** Database operations of a flow until its last notification is there. */
  operations: 7,
  /** CPU of a flow by that of its database operations and HTTP exchanges alone. */
  floorRatio: 2,
  /** CPU of a flow with many orders stored by that with none. */
  growth: 1.15,
  /** Longest batch of LevelDB, in milliseconds. */
  stallMs: 100,
} as const;
