// Ways to live connections, watched.

import { instanceTransport as real } from "../../../../../functions/notifications/live/instance-transport.ts";
import type { LiveTransport } from "../../../../../functions/notifications/live/live-ports.ts";
import { watched } from "../passages.ts";

export * from "../../../../../functions/notifications/live/instance-transport.ts";

export const instanceTransport = (...given: Parameters<typeof real>): LiveTransport =>
  watched("live", real(...given));
