// Derives serverless functions from contracts: one for each route, so that each has its own bundle, limits and metrics on AWS. There
// routes of one resource that are rarely used may share one, as their declarations say: a stack has a limited number of resources.

import type { ServiceDefinition } from "../functions/services.ts";
import { commonRoutes, PAGES } from "../lib/contract/common-routes.ts";
import type { Contract, Route } from "../lib/contract/route.ts";
import { deployedSockets } from "./deployed-sockets.ts";
import type { FunctionSettings, ServiceEnvironments } from "./environment.ts";
import { logGroupName } from "./log-groups.ts";
import { isDeployed } from "./peer-routes.ts";
import { ASYNC_RUNS } from "./relay-failures.ts";
import { roleIdOf, SELF_CONTAINED_ROLE } from "./role-ids.ts";

/** The part of a function in serverless.yml that is derived. */
export interface FunctionDefinition extends Partial<typeof ASYNC_RUNS> {
  readonly handler: string;
  readonly description: string;
  readonly events: readonly FunctionEvent[];
  /** Settings in addition to those of all functions. */
  readonly environment?: FunctionSettings;
  /** On AWS: the logical id of its role. */
  readonly role?: string;
  /** On AWS: its log group, in the place of one of its own. */
  readonly logs?: { readonly logGroup: string };
  readonly disableLogs?: true;
  /** On AWS: executions at once that are kept for it, and that it may have. */
  readonly reservedConcurrency?: number;
  /** Files of the project that the function reads at run time, packaged beside its bundle. */
  readonly package?: { readonly patterns: readonly string[] };
}

export type FunctionEvent =
  | { readonly httpApi: string | { readonly method: string; readonly path: string } }
  | { readonly websocket: { readonly route: string } }
  | { readonly schedule: ReturnType<typeof sweepOf> };

/** Executions at once that are kept for each function of a kind, on AWS. */
export interface Concurrency {
  /** For those that take signed callbacks. */
  readonly callbacks?: number | undefined;
  readonly relays?: number | undefined;
}

/**
 * `local`: each service has its own listener, which strips trailing slashes. `aws`: all share one HTTP API, which
 * distinguishes `/a` from `/a/`, so each path occurs twice, and the common routes of each service have a prefix.
 */
export type Target = "local" | "aws";

/** As osls is told: it knows the stage. */
const PREFIX = `\${self:service}-\${sls:stage}`;

/** What a function with the role of this logical id has on AWS. */
const ofRole = (role: string) =>
  ({ role, disableLogs: true, logs: { logGroup: logGroupName(PREFIX, role) } }) as const;

const reserved = (executions: number | undefined) =>
  executions === undefined ? {} : { reservedConcurrency: executions };

const sweepOf = (relay: string) => ({
  name: `${PREFIX}-${relay}-sweep`,
  rate: "rate(1 minute)",
  input: { sweep: true },
});

const VIEWER_FILES = ["swagger-ui.css", "swagger-ui-bundle.js"].map(
  (name) => `node_modules/swagger-ui-dist/${name}`,
);

/**
 * The functions of `services`, each with its service's environment unless it is self-contained; the first service also answers
 * for the whole on AWS (`/health/`, unknown paths).
 */
export function serverlessFunctions(
  services: readonly ServiceDefinition[],
  target: Target,
  environments: ServiceEnvironments = new Map(),
  concurrency: Concurrency = {},
): Record<string, FunctionDefinition> {
  const functions = services.flatMap((service, index) => {
    const environment = environments.get(service.key);
    return Object.entries(serviceFunctions(service, target, index === 0, concurrency)).map(
      ([name, definition]) => ({
        [name]:
          environment === undefined || definition.role === SELF_CONTAINED_ROLE
            ? definition
            : { ...definition, environment },
      }),
    );
  });
  return Object.assign({}, ...functions);
}

/** The functions of one service. */
export function serviceFunctions(
  service: ServiceDefinition,
  target: Target,
  first: boolean,
  { callbacks, relays }: Concurrency = {},
): Record<string, FunctionDefinition> {
  const functions: Record<string, FunctionDefinition> = {};
  const folder = `functions/${service.key}/handlers`;
  for (const route of Object.values(service.contract.routes)) {
    if (target === "aws" && !isDeployed(service.contract, route)) continue;
    const name = functionOf(service, route, target);
    const events = routeEvents(service, route, target, first);
    const known = functions[name];
    if (known !== undefined) {
      functions[name] = { ...known, events: [...known.events, ...events] };
      continue;
    }
    const shared = target === "aws" ? route.function : undefined;
    functions[name] = {
      handler: `${folder}/${shared === undefined ? handlerOf(route) : sharedHandlerOf(route, shared)}`,
      description: shared === undefined ? route.summary : `Routes of ${shared}`,
      events,
      ...(route.id === "docsAsset" || shared === PAGES ? { package: { patterns: VIEWER_FILES } } : {}),
      ...(target === "aws"
        ? ofRole(route.selfContained === true ? SELF_CONTAINED_ROLE : roleIdOf(service))
        : {}),
      ...(route.access === "signed" ? reserved(callbacks) : {}),
    };
  }
  functions[`${service.key}-fallback`] = {
    handler: `${folder}/common.fallback`,
    description: "Answers paths and methods without a route",
    events: fallbackEvents(service.contract, target, first),
    ...(target === "aws" ? ofRole(SELF_CONTAINED_ROLE) : {}),
  };
  for (const { name, file, description, route } of deployedSockets(service)) {
    functions[name] = {
      handler: `${folder}/${file}.handler`,
      description,
      ...(target === "aws" ? ofRole(roleIdOf(service)) : {}),
      events: [{ websocket: { route } }],
    };
  }
  for (const relay of service.relays) {
    functions[relay.name] = {
      handler: `${folder}/${relay.file}.handler`,
      description: relay.description,
      events: target === "aws" ? [{ schedule: sweepOf(relay.name) }] : [],
      ...(target === "aws" ? { ...ASYNC_RUNS, ...ofRole(roleIdOf(service)), ...reserved(relays) } : {}),
    };
  }
  return functions;
}

/** The name of the function that serves `route`, without the stack's prefix. */
export const functionOf = (
  { key }: Pick<ServiceDefinition, "key">,
  route: Pick<Route, "id" | "function">,
  target: Target,
): string => `${key}-${(target === "aws" ? route.function : undefined) ?? route.id}`;

/** The handlers of the common routes are in one file, `handlers/common.ts`. */
const isCommon = ({ id }: Route): boolean => id in commonRoutes;

const sharedHandlerOf = (route: Route, name: string): string =>
  isCommon(route) ? `common.${name}` : `${name}.handler`;

function handlerOf(route: Route): string {
  if (isCommon(route)) return `common.${route.id}`;
  return `${route.id.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.handler`;
}

/**
 * The events that run a route's function. On AWS a GET is given any method that no other route of its path has, so that it answers HEAD
 * without routes of its own; it refuses the others itself (lib/http/methods.ts).
 */
export const routeEvents = (
  service: ServiceDefinition,
  route: Route,
  target: Target,
  first: boolean,
): FunctionEvent[] =>
  paths(service, route, target, first).map((path) => ({
    httpApi: { method: target === "aws" && route.method === "GET" ? ANY : route.method, path },
  }));

/** As osls has it. */
const ANY = "*";

function paths(service: ServiceDefinition, route: Route, target: Target, first: boolean): string[] {
  if (target === "local") return [route.path];
  // Peers invoke its function: the HTTP API is on the internet.
  if (route.access === "service") return [];
  const own = isCommon(route) ? `/${service.key}${route.path}` : route.path;
  const all = first && own !== route.path ? [own, route.path] : [own];
  return all.flatMap((path) => (path.endsWith("/") ? [path, path.slice(0, -1)] : [path]));
}

/** The events that run what answers paths without a route: on AWS the service's, but for those that its GET takes with any method. */
export function fallbackEvents(
  { basePath, routes }: Contract,
  target: Target,
  first: boolean,
): FunctionEvent[] {
  if (target === "local" || first) return [{ httpApi: ANY }];
  const taken = Object.values(routes).some(({ method, path }) => method === "GET" && path === `${basePath}/`);
  const own = taken ? [] : [basePath, `${basePath}/`];
  return [...own, `${basePath}/{proxy+}`].map((path) => ({ httpApi: { method: ANY, path } }));
}
