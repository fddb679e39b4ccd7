// GET /health/

import { healthHandler } from "../../../lib/http/health.ts";
import { notifications } from "../contract.ts";

export const handler = healthHandler(notifications, "notifications");
