// The policy of calls between services: what can be tuned while they run, as plain data.

/** A call reads it once, at its start; ejection, latencies and lists read it at each use. Times in milliseconds. */
export interface DiscoveryPolicy {
  /** Time limit of an attempt while there is another instance to try. */
  readonly attemptTimeoutMs: number;
  /** Largest number of attempts of one call. */
  readonly attemptsPerCall: number;
  /** Retries that each request adds to the retry budget. */
  readonly retryShare: number;
  /** Retries per second that are allowed independent of traffic. */
  readonly retriesPerSecond: number;
  /** Failures in a row after which an instance is ejected. */
  readonly ejectAfterFailures: number;
  /** Longest time of a first ejection; doubled with each further one. */
  readonly ejectFirstMs: number;
  /** Longest time of any ejection, and of a cool-down. */
  readonly ejectLongestMs: number;
  /** Time in which a measured latency loses 63% of its weight. */
  readonly latencyDecayMs: number;
  /** Latency that a failure counts as, at least. */
  readonly failurePenaltyMs: number;
  /** Age at which a list is refreshed in the background; a watch sees changes earlier. */
  readonly listStaleMs: number;
  /** The same where the process is frozen between requests (AWS Lambda): there a call waits for the new list. */
  readonly frozenListStaleMs: number;
  /** Longest time that a call waits for the registry. */
  readonly registryWaitMs: number;
}

/** Defaults, for services with network latencies of a few milliseconds. */
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

/** Returns the current policy. Must be cheap: it is called several times for each call. */
export type PolicySource = () => DiscoveryPolicy;

export const defaultPolicy: PolicySource = () => DEFAULT_POLICY;
