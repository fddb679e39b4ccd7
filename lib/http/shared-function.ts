// A function that serves several routes: those whose declarations name it. API Gateway says with each event which one is meant.

import type { Contract, Route } from "../contract/route.ts";
import type { HttpHandler } from "./handler.ts";

/** The routes of `contract` that the function `name` serves. */
const routesOf = ({ routes }: Contract, name: string): readonly Route[] =>
  Object.values(routes).filter((route) => route.function === name);

/**
 * The handler of the function `name`: it passes each event to the one of `handlers` (by the routes' ids) whose route it names, with or
 * without a slash at its end, and behind whatever prefix the stack has for the service.
 * @throws {TypeError} when `handlers` are not exactly those of the function's routes.
 */
export function sharedHandler(
  contract: Contract,
  name: string,
  handlers: Readonly<Record<string, HttpHandler>>,
): HttpHandler {
  const routes = routesOf(contract, name);
  const ids = routes.map(({ id }) => id).sort();
  if (ids.join() !== Object.keys(handlers).sort().join())
    throw new TypeError(`The function ${name} serves ${ids.join(", ")}`);
  return (event, context) => {
    const [method = "", path = ""] = event.routeKey.split(" ", 2);
    const asked = bare(path);
    // Any method is what a GET is deployed for; its handler refuses the others.
    const declared = method === "ANY" ? "GET" : method;
    const route = routes.find((one) => one.method === declared && asked.endsWith(bare(one.path)));
    const handler = route && handlers[route.id];
    if (handler === undefined) throw new TypeError(`The function ${name} has no route ${event.routeKey}`);
    return handler(event, context);
  };
}

const bare = (path: string): string => path.replace(/\/$/, "");
