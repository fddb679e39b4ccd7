// GET /openapi.json and /docs/

import { docsHandlers } from "../../../lib/http/docs.ts";
import { notifications } from "../contract.ts";

export const { openapi, docs, docsAsset } = docsHandlers(notifications);
