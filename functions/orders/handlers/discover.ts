// GET /api/orders/discover/{service}/

import { hasScope } from "../../../lib/auth/scopes.ts";
import { notFound } from "../../../lib/core/domain-error.ts";
import { shortName } from "../../../lib/core/service-name.ts";
import type { Discovery } from "../../../lib/discovery/index.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { services } from "../../services.ts";
import { orders } from "../contract.ts";

const route = orders.routes.discover;
const NAMES = new Map(services.map(({ contract: { service } }) => [shortName(service), service]));

interface Ports {
  readonly discovery: Pick<Discovery, "describe">;
  readonly debug: boolean;
}

/**
 * Returns what discovery knows about a service, as the next call to it would. Only operators see addresses and processes;
 * everybody else sees how many instances there are.
 */
export async function handle(
  { discovery, debug }: Ports,
  { params, user }: Pick<HttpRequest<typeof route>, "params" | "user">,
) {
  const name = NAMES.get(params.service);
  if (name === undefined) throw notFound("service");
  const { service, chosen, instances } = await discovery.describe(name);
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
