// Push services, watched.

import type { PushSender } from "../../../../../functions/notifications/push/push-ports.ts";
import { pushServiceSender as real } from "../../../../../functions/notifications/push/push-service.ts";
import { watched } from "../passages.ts";

export * from "../../../../../functions/notifications/push/push-service.ts";

export const pushServiceSender = (...given: Parameters<typeof real>): PushSender =>
  watched("push service", real(...given));
