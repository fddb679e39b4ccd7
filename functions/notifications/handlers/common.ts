// GET /health/, /openapi.json and /docs/, and whatever no route takes.

import { commonHandlers } from "../../../lib/http/common.ts";
import { notifications } from "../contract.ts";
import { tables } from "../tables.ts";

// A mail that is given up says something of its address, which any user may have chosen, and nothing of this service.
export const { health, openapi, docs, docsAsset, fallback } = commonHandlers(notifications, tables, {
  parkedDegrades: false,
});
