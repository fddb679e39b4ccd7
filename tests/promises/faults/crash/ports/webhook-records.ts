// Records of webhooks, watched.

import {
  webhookRecords as real,
  type WebhookRecords,
} from "../../../../../functions/notifications/webhooks/webhook-records.ts";
import { watched } from "../passages.ts";

export * from "../../../../../functions/notifications/webhooks/webhook-records.ts";

export function webhookRecords(...given: Parameters<typeof real>): WebhookRecords {
  const records = real(...given);
  return {
    ...watched("webhooks", records),
    // Looked at once a second, whatever is done: that is no part of any path.
    inUse: records.inUse,
  };
}
