// GET /health/, /openapi.json and /docs/, and the reply to all requests without a route.

import { commonHandlers } from "../../../lib/http/common.ts";
import { orders } from "../contract.ts";
import { tables } from "../tables.ts";

export const { health, openapi, docs, docsAsset, pages, fallback } = commonHandlers(orders, tables);
