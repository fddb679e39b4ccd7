// The routes that the host answers: those of the functions as osls has read them, which are what serverless-offline is given,
// too. They are derived from the contracts (build/functions.ts); a function that is written into serverless.yml is served alike.

import type { HostedFunction } from "../host/invoke.ts";
import { DEFAULT_ROUTE, type HostRoute } from "../host/routes.ts";
import type { SocketRoute } from "../host/socket-event.ts";
import type { FunctionDefinition, Serverless } from "../shared/serverless-types.ts";
import type { LocalFunctions } from "./functions.ts";

/** What osls takes when neither the function nor the provider says. */
const TIMEOUT_SECONDS = 6;
const MEMORY_MB = 1_024;

/**
 * The host's routes for `definitions`. Left to serverless-offline: the route of all other requests (`*`), unless the host is
 * `alone`, and every event with more than a method and a path, such as an authorizer.
 */
export function hostedRoutes(
  definitions: Readonly<Record<string, FunctionDefinition>>,
  { timeout = TIMEOUT_SECONDS, memorySize = MEMORY_MB }: Serverless["service"]["provider"],
  functions: Pick<LocalFunctions, "run" | "report">,
  { alone = false }: { readonly alone?: boolean } = {},
): readonly HostRoute<HostedFunction>[] {
  const provider = { timeout, memorySize };
  return Object.entries(definitions).flatMap(([key, definition]) => {
    const target = hosted(key, definition, provider, functions);
    return (definition.events ?? []).flatMap(({ httpApi }) => {
      const routeKey = alone && httpApi === "*" ? DEFAULT_ROUTE : routeKeyOf(httpApi);
      return routeKey === undefined ? [] : [{ routeKey, target }];
    });
  });
}

/** The functions of `definitions` for the routes of a WebSocket API; undefined unless each of the three routes has one. */
export function hostedSockets(
  definitions: Readonly<Record<string, FunctionDefinition>>,
  { timeout = TIMEOUT_SECONDS, memorySize = MEMORY_MB }: Serverless["service"]["provider"],
  functions: Pick<LocalFunctions, "run" | "report">,
): Readonly<Record<SocketRoute, HostedFunction>> | undefined {
  const byRoute = new Map<string, HostedFunction>();
  for (const [key, definition] of Object.entries(definitions)) {
    for (const { websocket } of definition.events ?? []) {
      if (typeof websocket !== "object" || websocket === null || !("route" in websocket)) continue;
      byRoute.set(String(websocket.route), hosted(key, definition, { timeout, memorySize }, functions));
    }
  }
  const [$connect, $disconnect, $default] = ["$connect", "$disconnect", "$default"].map((route) =>
    byRoute.get(route),
  );
  return $connect && $disconnect && $default && { $connect, $disconnect, $default };
}

const hosted = (
  key: string,
  definition: FunctionDefinition,
  { timeout, memorySize }: { readonly timeout: number; readonly memorySize: number },
  functions: Pick<LocalFunctions, "run" | "report">,
): HostedFunction => ({
  name: definition.name ?? key,
  timeoutMs: (definition.timeout ?? timeout) * 1_000,
  memoryMb: definition.memorySize ?? memorySize,
  invoke: (event, context) => functions.run(key, event, context),
  report: (error) => functions.report(key, error),
});

/** Whether some event of `definitions` is a route that the host does not answer; `*`, for all other requests, is none. */
export const needsEmulation = (definitions: Readonly<Record<string, FunctionDefinition>>): boolean =>
  Object.values(definitions).some(({ events = [] }) =>
    events.some(
      ({ httpApi }) => httpApi !== undefined && httpApi !== "*" && routeKeyOf(httpApi) === undefined,
    ),
  );

/** `GET /orders/{id}/` of an event that has a method, a path and nothing else; undefined for any other. */
function routeKeyOf(httpApi: unknown): string | undefined {
  const text = typeof httpApi === "string" ? httpApi : textOf(httpApi);
  const [, method, path] = /^([a-z]+) (\/.*)$/i.exec(text ?? "") ?? [];
  if (method === undefined || path === undefined || path.includes("+}")) return undefined;
  return method.toUpperCase() === "ANY" ? undefined : `${method.toUpperCase()} ${path}`;
}

function textOf(httpApi: unknown): string | undefined {
  if (typeof httpApi !== "object" || httpApi === null) return undefined;
  const { method, path, ...more }: Readonly<Record<string, unknown>> = { ...httpApi };
  return Object.keys(more).length === 0 ? `${String(method)} ${String(path)}` : undefined;
}
