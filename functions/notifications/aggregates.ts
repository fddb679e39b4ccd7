// What operators' commands may do with notifications, and with the watermarks and feeds that are stored in the same table.

import { eventParking } from "../../lib/outbox/parked.ts";
import { type OpenAggregates, storedAggregates } from "../../lib/outbox/stored.ts";
import { feedStore, isFeedPart } from "./live/feed.ts";
import { notificationStore } from "./notification-store.ts";
import { isWatermark, watermarkStore } from "./watermark.ts";

export const aggregates: OpenAggregates = (table) => {
  const notifications = storedAggregates(
    "notifications",
    notificationStore(table("notifications")),
    eventParking(),
  );
  const watermarks = watermarkStore(table("notifications"));
  const feeds = feedStore(table("notifications"));
  return [
    {
      ...notifications,
      rewrite(id, dry) {
        if (isFeedPart(id)) return feeds.rewrite(id, dry);
        return (isWatermark(id) ? watermarks : notifications).rewrite(id, dry);
      },
    },
  ];
};
