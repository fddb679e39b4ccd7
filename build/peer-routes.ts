// Which internal routes other services call, and so are invoked on AWS. The others are between a service's own instances, by their
// addresses; functions have none.

import type { Contract, Route } from "../lib/contract/route.ts";

/** The services that call `route` of `contract`, without its own. */
export const peersOf = ({ service }: Contract, { access, callers = [] }: Route): readonly string[] =>
  access === "service" ? callers.filter((caller) => caller !== service) : [];

/** False for a route of which AWS has no use: one for services that only its own service calls. */
export const isDeployed = (contract: Contract, route: Route): boolean =>
  route.access !== "service" || peersOf(contract, route).length > 0;
