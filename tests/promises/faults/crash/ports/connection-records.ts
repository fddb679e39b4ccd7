// Records of live connections, watched.

import {
  type ConnectionRecords,
  connectionRecords as real,
} from "../../../../../functions/notifications/live/connection-records.ts";
import { watched } from "../passages.ts";

export * from "../../../../../functions/notifications/live/connection-records.ts";

export const connectionRecords = (...given: Parameters<typeof real>): ConnectionRecords =>
  watched("connections", real(...given));
