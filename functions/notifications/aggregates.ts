// What operators' commands may do with notifications, and with the watermarks that are stored in the same table.

import { eventParking } from "../../lib/outbox/parked.ts";
import { type OpenAggregates, storedAggregates } from "../../lib/outbox/stored.ts";
import { notificationStore } from "./notification-store.ts";
import { isWatermark, watermarkStore } from "./watermark.ts";

export const aggregates: OpenAggregates = (table) => {
  const notifications = storedAggregates(
    "notifications",
    notificationStore(table("notifications")),
    eventParking(),
  );
  const watermarks = watermarkStore(table("notifications"));
  return [
    {
      ...notifications,
      rewrite: (id, dry) => (isWatermark(id) ? watermarks : notifications).rewrite(id, dry),
    },
  ];
};
