// What no route matches: 405 with `Allow` where the path exists, else 404, both as problems.

import { type Contract, defineRoute } from "../contract/route.ts";
import { type HttpHandler, httpHandler } from "./handler.ts";
import { Problem } from "./problem.ts";

/** Stands for every request that no declared route takes. */
const anyRoute = defineRoute({
  id: "fallback",
  method: "GET",
  path: "/",
  summary: "",
  access: "public",
  replies: {},
});

/** A handler for all paths and methods that no route of `contract` has. */
export function fallbackHandler(contract: Contract): HttpHandler {
  const known = Object.values(contract.routes).map((route) => ({ route, pattern: patternOf(route.path) }));
  return httpHandler(contract, anyRoute, async ({ path, platform }) => {
    const fitting = known.filter(
      ({ route, pattern }) => pattern.test(path) && (platform.config.DEBUG || !route.debugOnly),
    );
    // As OpenAPI has it, a path without parameters goes before one with them: `/read-all/` is no `/{id}/`.
    const exact = fitting.filter(({ route }) => !route.params);
    const allowed = (exact.length > 0 ? exact : fitting).map(({ route }) => route.method);
    if (allowed.length === 0) throw new Problem(404, "route_unknown", "There is no such path; see /docs/.");
    const allow = [...new Set(allowed)].join(", ");
    throw new Problem(405, "method_not_allowed", `This path takes ${allow}.`, { headers: { allow } });
  });
}

/** Matches `path` with and without its trailing slash, with anything in the place of its parameters. */
function patternOf(path: string): RegExp {
  const inner = path
    .replace(/\/$/, "")
    .replaceAll(".", "\\.")
    .replace(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${inner}/?$`);
}
