// GET /api/orders/discover/{service}/

import { hasScope } from "../../../lib/auth/scopes.ts";
import type { Discovery } from "../../../lib/discovery/index.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../../notifications/contract.ts";
import { payments } from "../../payments/contract.ts";
import { orders } from "../contract.ts";

const route = orders.routes.discover;
const SERVICES = { order: orders.service, payment: payments.service, notification: notifications.service };

interface Ports {
  readonly discovery: Pick<Discovery, "describe">;
  readonly debug: boolean;
}

/**
 * What discovery sees of a service, as the next call to it would. Where instances are, and what processes they are, is for
 * those who operate the system; anybody else learns how many there are.
 */
export async function handle(
  { discovery, debug }: Ports,
  { params, user }: Pick<HttpRequest<typeof route>, "params" | "user">,
) {
  const { service, chosen, instances } = await discovery.describe(SERVICES[params.service]);
  const usable = instances.filter(({ healthy, enabled, ejected }) => healthy && enabled && !ejected);
  const counts = {
    service,
    available: chosen !== null,
    known_instances: instances.length,
    usable_instances: usable.length,
  };
  const whole = debug || hasScope(user, "operate");
  return { status: 200 as const, body: whole ? { ...counts, chosen, instances } : counts };
}

export const handler = httpHandler(orders, route, (request) => {
  const { discovery, config } = request.platform;
  return handle({ discovery, debug: config.DEBUG }, request);
});
