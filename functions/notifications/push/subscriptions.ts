// Who can get Web Push: until somebody has subscribed, recording a notification costs nothing more.

import { usedYet } from "../in-use.ts";
import type { SubscriptionRecords } from "./subscription-records.ts";

/**
 * Asks whether a user has subscribed, as far as the index knows. While nobody has, each process reads once a second; a
 * subscription counts a second later at the latest.
 */
export function hasSubscribed(
  records: Pick<SubscriptionRecords, "inUse" | "idsOf">,
  monotonic: () => number,
): (userId: string) => Promise<boolean> {
  const inUse = usedYet(() => records.inUse(), monotonic);
  return async (userId) => (await inUse()) && (await records.idsOf(userId)).length > 0;
}
