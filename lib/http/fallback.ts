// The reply where no route matches: 405 with `Allow` when the path exists, else 404; both as problems.

import { matcher } from "../contract/matcher.ts";
import { type Contract, defineRoute } from "../contract/route.ts";
import { processConfig } from "../platform/process-config.ts";
import { type HttpHandler, httpHandler } from "./handler.ts";
import { ANY_PATH, methodNotAllowed, reachableRoutes } from "./methods.ts";
import { Problem } from "./problem.ts";

/** The route of every request that no declared route matches. */
const anyRoute = defineRoute({
  id: "fallback",
  method: "GET",
  path: ANY_PATH,
  summary: "",
  access: "public",
  selfContained: true,
  replies: {},
});

/** A handler for all paths and methods without a route in `contract`. */
export function fallbackHandler(contract: Contract): HttpHandler {
  const [inDebug, otherwise] = [
    matcher(reachableRoutes(contract, true)),
    matcher(reachableRoutes(contract, false)),
  ];
  return httpHandler(contract, anyRoute, async ({ method, path }) => {
    const match = (processConfig().DEBUG ? inDebug : otherwise)(method, path);
    if (match === undefined) throw pathUnknown();
    // A path that API Gateway does not take for the route's, though it matches here.
    throw methodNotAllowed("route" in match ? [match.route.method] : match.allowed);
  });
}

/** 404 for a path without a route. */
export const pathUnknown = (): Problem =>
  new Problem(404, "route_unknown", "There is no such path; see /docs/.");
