// Which methods a path takes, and the reply to others.

import type { Contract, Route } from "../contract/route.ts";
import { onLambda } from "../core/on-lambda.ts";
import { Problem } from "./problem.ts";

/** The path of the route of all requests that no declared route matches. */
export const ANY_PATH = "*";

/** The routes of `contract` that clients can reach; those of DEBUG with `debug` alone. */
export const reachableRoutes = ({ routes }: Contract, debug: boolean): readonly Route[] =>
  Object.values(routes).filter(
    ({ access, debugOnly }) =>
      // On AWS internal routes are no paths: their functions are invoked by peers alone.
      debug || !(debugOnly || (onLambda() && access === "service")),
  );

/**
 * Refuses a `method` that `route` does not have. HEAD is GET without the body. On AWS the function of a GET is given all methods of its
 * path that no other route has: HEAD as well costs no resource then.
 * @throws {Problem} 405 with the methods of the path.
 */
export function checkMethod(contract: Contract, route: Route, method: string, debug: boolean): void {
  if (method === route.method || (method === "HEAD" && route.method === "GET")) return;
  if (route.path === ANY_PATH) return;
  const all = reachableRoutes(contract, debug).filter(({ path }) => path === route.path);
  throw methodNotAllowed(all.map((one) => one.method));
}

/** 405 for a path whose routes have other methods. */
export function methodNotAllowed(allowed: readonly string[]): Problem {
  const allow = allowed.join(", ");
  return new Problem(405, "method_not_allowed", `This path takes ${allow}.`, { headers: { allow } });
}
