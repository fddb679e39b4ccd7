// What may be tuned about calls between services while they run, as plain data.

/** Read at each use, so a changed value counts for the next attempt. Times are milliseconds. */
export interface DiscoveryPolicy {
  /** Longest wait for one instance while there is another to ask. */
  readonly attemptTimeoutMs: number;
  /** Instances that one call asks at most. */
  readonly attemptsPerCall: number;
  /** Retries that each request adds to the budget. */
  readonly retryShare: number;
  /** Retries allowed per second besides, without any traffic. */
  readonly retriesPerSecond: number;
  /** Failures in a row after which an instance is taken out. */
  readonly ejectAfterFailures: number;
  /** Upper bound of the first ejection; it doubles with each further one. */
  readonly ejectFirstMs: number;
  /** Upper bound of every ejection, and of how long a peer's `Retry-After` is heeded. */
  readonly ejectLongestMs: number;
  /** Time in which a past latency loses 63% of its weight. */
  readonly latencyDecayMs: number;
  /** The least latency that a failure counts as. */
  readonly failurePenaltyMs: number;
  /** After this long a list is refreshed, behind the calls; a watch hears of changes before. */
  readonly listStaleMs: number;
  /** The same where the process sleeps between requests (AWS Lambda): there a call waits for the new list. */
  readonly frozenListStaleMs: number;
  /** Longest wait for the registry while a call waits. */
  readonly registryWaitMs: number;
}

/** Values for services a few milliseconds apart. */
export const DEFAULT_POLICY: DiscoveryPolicy = {
  attemptTimeoutMs: 2_000,
  attemptsPerCall: 4,
  retryShare: 0.2,
  retriesPerSecond: 10,
  ejectAfterFailures: 3,
  ejectFirstMs: 1_000,
  ejectLongestMs: 30_000,
  latencyDecayMs: 2_000,
  failurePenaltyMs: 1_000,
  listStaleMs: 5_000,
  frozenListStaleMs: 2_000,
  registryWaitMs: 1_500,
};

/** Gives the policy of this moment. Cheap: it is called several times for each request. */
export type PolicySource = () => DiscoveryPolicy;

export const defaultPolicy: PolicySource = () => DEFAULT_POLICY;
