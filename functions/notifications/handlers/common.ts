// GET /health/, /openapi.json and /docs/, and the reply to all requests without a route.

import { commonHandlers } from "../../../lib/http/common.ts";
import { notifications } from "../contract.ts";
import { tables } from "../tables.ts";

// A parked mail or push does not make the service `degraded`: the cause may be its address, which any user may have chosen.
export const { health, openapi, docs, docsAsset, pages, fallback } = commonHandlers(notifications, tables, {
  parkedDegrades: false,
});
