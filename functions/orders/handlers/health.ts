// GET /health/

import { healthHandler } from "../../../lib/http/health.ts";
import { orders } from "../contract.ts";

export const handler = healthHandler(orders, "orders");
