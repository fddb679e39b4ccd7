// GET /openapi.json and /docs/

import { docsHandlers } from "../../../lib/http/docs.ts";
import { payments } from "../contract.ts";

export const { openapi, docs, docsAsset } = docsHandlers(payments);
