// Push subscriptions, watched.

import {
  subscriptionRecords as real,
  type SubscriptionRecords,
} from "../../../../../functions/notifications/push/subscription-records.ts";
import { watched } from "../passages.ts";

export * from "../../../../../functions/notifications/push/subscription-records.ts";

export function subscriptionRecords(...given: Parameters<typeof real>): SubscriptionRecords {
  const records = real(...given);
  const seen = watched("subscriptions", records);
  return {
    // Looked at once a second, whatever is done: that is no part of any path.
    inUse: records.inUse,
    read: (id) => seen.read(id),
    idsOf: (userId) => seen.idsOf(userId),
    write: (subscription) => seen.write(subscription),
    remove: (subscription) => seen.remove(subscription),
    placesOf: (userId) => seen.placesOf(userId),
    takePlace: (subscription, most) => seen.takePlace(subscription, most),
    freePlace: (subscription) => seen.freePlace(subscription),
  };
}
