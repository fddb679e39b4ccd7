// Who can get Web Push: until somebody has subscribed, recording a notification costs nothing more.

import type { SubscriptionRecords } from "./subscription-records.ts";

/** Milliseconds for which a process believes that nobody in this deployment has subscribed. */
const NOT_IN_USE_MS = 1_000;

/**
 * Asks whether a user has subscribed, as far as the index knows. While nobody has, each process reads once a second; a
 * subscription counts a second later at the latest.
 */
export function hasSubscribed(
  records: SubscriptionRecords,
  monotonic: () => number,
): (userId: string) => Promise<boolean> {
  let inUse = false;
  let missingAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    const begun = monotonic();
    inUse = await records.inUse();
    if (!inUse) missingAt = begun;
  }

  return async (userId) => {
    if (!inUse) {
      if (monotonic() - missingAt < NOT_IN_USE_MS) return false;
      // The parties of one event ask at once: one look is enough for all.
      looking ??= look().finally(() => {
        looking = undefined;
      });
      await looking;
    }
    return inUse && (await records.idsOf(userId)).length > 0;
  };
}
