// Whatever no route takes.

import { fallbackHandler } from "../../../lib/http/fallback.ts";
import { notifications } from "../contract.ts";

export const handler = fallbackHandler(notifications);
