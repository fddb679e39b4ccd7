// The reply where no route matches: 405 with `Allow` when the path exists, else 404; both as problems.

import { matcher } from "../contract/matcher.ts";
import { type Contract, defineRoute } from "../contract/route.ts";
import { onLambda } from "../core/on-lambda.ts";
import { processConfig } from "../platform/process-config.ts";
import { type HttpHandler, httpHandler } from "./handler.ts";
import { Problem } from "./problem.ts";

/** The route of every request that no declared route matches. */
const anyRoute = defineRoute({
  id: "fallback",
  method: "GET",
  path: "*",
  summary: "",
  access: "public",
  selfContained: true,
  replies: {},
});

/** A handler for all paths and methods without a route in `contract`. */
export function fallbackHandler(contract: Contract): HttpHandler {
  const all = Object.values(contract.routes);
  // On AWS internal routes are no paths: their functions are invoked by peers alone.
  const reachable = all.filter(
    ({ access, debugOnly }) => !debugOnly && !(onLambda() && access === "service"),
  );
  const [inDebug, otherwise] = [matcher(all), matcher(reachable)];
  return httpHandler(contract, anyRoute, async ({ method, path }) => {
    const match = (processConfig().DEBUG ? inDebug : otherwise)(method, path);
    if (match === undefined) throw pathUnknown();
    // A matching route without a handler for this method, such as HEAD on AWS.
    throw methodNotAllowed("route" in match ? [match.route.method] : match.allowed);
  });
}

/** 404 for a path without a route. */
export const pathUnknown = (): Problem =>
  new Problem(404, "route_unknown", "There is no such path; see /docs/.");

/** 405 for a path whose routes have other methods. */
export function methodNotAllowed(allowed: readonly string[]): Problem {
  const allow = allowed.join(", ");
  return new Problem(405, "method_not_allowed", `This path takes ${allow}.`, { headers: { allow } });
}
