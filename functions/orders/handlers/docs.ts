// GET /openapi.json and /docs/

import { docsHandlers } from "../../../lib/http/docs.ts";
import { orders } from "../contract.ts";

export const { openapi, docs, docsAsset } = docsHandlers(orders);
