// Whatever no route takes.

import { fallbackHandler } from "../../../lib/http/fallback.ts";
import { payments } from "../contract.ts";

export const handler = fallbackHandler(payments);
