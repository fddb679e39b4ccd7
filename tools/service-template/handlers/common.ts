// GET /health/, /openapi.json and /docs/, and whatever no route takes.

import { commonHandlers } from "../../../lib/http/common.ts";
import { samples } from "../contract.ts";
import { tables } from "../tables.ts";

export const { health, openapi, docs, docsAsset, pages, fallback } = commonHandlers(samples, tables);
