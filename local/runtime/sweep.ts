// The local sweep: a timer that invokes each service's relay, as a schedule does on AWS.

const EVERY_MS = 2_000;

export interface Sweep {
  stop(): void;
}

/**
 * Invokes each of `relays` at once, and again every `everyMs` milliseconds; one that still runs is skipped.
 * `invoke` must not throw.
 */
export function startSweep(
  relays: readonly string[],
  invoke: (key: string, payload: object) => Promise<void>,
  everyMs = EVERY_MS,
): Sweep {
  const running = new Set<string>();
  function sweep(): void {
    for (const key of relays) {
      if (running.has(key)) continue;
      running.add(key);
      void invoke(key, { sweep: true }).finally(() => running.delete(key));
    }
  }
  sweep();
  const timer = setInterval(sweep, everyMs);
  return { stop: () => clearInterval(timer) };
}
