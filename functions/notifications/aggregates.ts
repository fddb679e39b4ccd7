// What operators' commands may do with notifications, and with the watermarks that share their table.

import type { OpenAggregates } from "../../lib/outbox/stored.ts";
import { notificationStore } from "./notification-store.ts";
import { isWatermark, watermarkStore } from "./watermark.ts";

export const aggregates: OpenAggregates = (table) => {
  const notifications = notificationStore(table("notifications"));
  const watermarks = watermarkStore(table("notifications"));
  return [
    {
      table: "notifications",
      rewrite: (id, dry) => (isWatermark(id) ? watermarks : notifications).rewrite(id, dry),
    },
  ];
};
