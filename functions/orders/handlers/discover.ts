// GET /api/orders/discover/{service}/

import { httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../../notifications/contract.ts";
import { payments } from "../../payments/contract.ts";
import { orders } from "../contract.ts";

const SERVICES = { order: orders.service, payment: payments.service, notification: notifications.service };

/** What discovery sees of a service, as the next call to it would. */
export const handler = httpHandler(orders, orders.routes.discover, async ({ params, platform }) => ({
  status: 200 as const,
  body: await platform.discovery.describe(SERVICES[params.service]),
}));
