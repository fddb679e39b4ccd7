// Whatever no route takes.

import { fallbackHandler } from "../../../lib/http/fallback.ts";
import { orders } from "../contract.ts";

export const handler = fallbackHandler(orders);
