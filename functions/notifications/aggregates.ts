// What operators' commands may do with notifications, with the readers and feeds that are stored in the same table, and with
// deliveries to webhooks.

import { environment } from "../../lib/config/environment.ts";
import { eventParking } from "../../lib/outbox/parked.ts";
import { type OpenAggregates, storedAggregates } from "../../lib/outbox/stored.ts";
import { feedStore, isFeedPart } from "./live/feed.ts";
import { notificationStore } from "./notification-store.ts";
import { isReader, readerStore } from "./readers.ts";
import { notificationSettings } from "./settings.ts";
import { deliveriesStore } from "./webhooks/deliveries.ts";

export const aggregates: OpenAggregates = (table) => {
  const { NOTIFICATION_DAYS: keepDays } = notificationSettings(environment());
  const notifications = storedAggregates(
    "notifications",
    notificationStore(table("notifications"), keepDays),
    eventParking(),
  );
  const readers = readerStore(table("notifications"));
  const feeds = feedStore(table("notifications"), keepDays);
  return [
    {
      ...notifications,
      rewrite(id, dry) {
        if (isFeedPart(id)) return feeds.rewrite(id, dry);
        return (isReader(id) ? readers : notifications).rewrite(id, dry);
      },
    },
    storedAggregates("deliveries", deliveriesStore(table("deliveries")), eventParking()),
  ];
};
