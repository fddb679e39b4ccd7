// The gateway's routes: the public routes of all contracts, and the common routes of each service under the service's name.

import type { ServiceDefinition } from "../../functions/services.ts";
import { commonRoutes } from "../../lib/contract/common-routes.ts";
import { type Match, matcher } from "../../lib/contract/matcher.ts";
import type { Method, Route } from "../../lib/contract/route.ts";

/** `service`: forwarded to a service. Otherwise a page of the gateway itself. */
export type Target =
  | { readonly kind: "service"; readonly service: string; readonly stripped: number }
  | { readonly kind: "health" | "document" }
  | { readonly kind: "docs"; readonly title: string };

export interface GatewayRoute {
  readonly method: Method;
  readonly path: string;
  readonly target: Target;
  /** True where an `Idempotency-Key` makes it safe to repeat the request. */
  readonly keyed?: boolean;
}

const ASSETS = "/docs/{asset}";

/**
 * Matches requests to targets. Routes between services (`/internal/…`) are not reachable; routes for DEBUG only with
 * `debug`. As on AWS, `/payments/health/` is PaymentService's `/health/`; without a prefix it is the gateway's.
 */
export function gatewayRoutes(
  services: readonly ServiceDefinition[],
  debug: boolean,
): (method: string, path: string) => Match<GatewayRoute> {
  const [first] = services;
  return matcher<GatewayRoute>([
    { method: "GET", path: "/health/", target: { kind: "health" } },
    { method: "GET", path: "/openapi.json", target: { kind: "document" } },
    { method: "GET", path: "/docs/", target: { kind: "docs", title: "All services" } },
    // The files of the page are the same in every service.
    ...(first ? [{ method: "GET" as const, path: ASSETS, target: passedOn(first.contract.service) }] : []),
    ...publicRoutes(services, debug),
    ...services.flatMap(prefixedRoutes),
  ]);
}

/** The public routes of the contracts, as the gateway has them. */
export const publicRoutes = (services: readonly ServiceDefinition[], debug: boolean): GatewayRoute[] =>
  services.flatMap((service) => ownRoutes(service, debug));

/** Whether a route is public and not one that every service has. */
export const isPublic = ({ id, access }: Route): boolean => access !== "service" && !(id in commonRoutes);

const passedOn = (service: string, stripped = 0): Target => ({ kind: "service", service, stripped });

function ownRoutes({ contract }: ServiceDefinition, debug: boolean): GatewayRoute[] {
  return Object.values(contract.routes)
    .filter((route) => isPublic(route) && (debug || !route.debugOnly))
    .map(({ method, path, idempotent }) => ({
      method,
      path,
      target: passedOn(contract.service),
      keyed: idempotent === true,
    }));
}

function prefixedRoutes({ key, contract }: ServiceDefinition): GatewayRoute[] {
  const prefix = `/${key}`;
  const forwarded = passedOn(contract.service, prefix.length);
  return [
    { method: "GET", path: `${prefix}/health/`, target: forwarded },
    { method: "GET", path: `${prefix}/openapi.json`, target: forwarded },
    { method: "GET", path: `${prefix}${ASSETS}`, target: forwarded },
    // Its links are relative to the requested path, which the service does not know.
    { method: "GET", path: `${prefix}/docs/`, target: { kind: "docs", title: contract.title } },
  ];
}
