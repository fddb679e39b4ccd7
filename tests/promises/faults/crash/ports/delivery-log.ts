// The log of webhooks' deliveries, watched.

import {
  type DeliveryLog,
  deliveryLog as real,
} from "../../../../../functions/notifications/webhooks/delivery-log.ts";
import { watched } from "../passages.ts";

export * from "../../../../../functions/notifications/webhooks/delivery-log.ts";

export const deliveryLog = (...given: Parameters<typeof real>): DeliveryLog => watched("log", real(...given));
