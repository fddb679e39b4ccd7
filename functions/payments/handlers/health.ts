// GET /health/

import { healthHandler } from "../../../lib/http/health.ts";
import { payments } from "../contract.ts";

export const handler = healthHandler(payments, "payments", ["payments", "sandbox"]);
