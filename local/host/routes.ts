// Finds the route of a request by the rules of API Gateway's HTTP API.

import { unreadable } from "../shared/listener/unreadable.ts";

/** A route with what answers it. */
export interface HostRoute<Target> {
  /** `GET /orders/{id}/`, or `$default` for every request that no other route matches. */
  readonly routeKey: string;
  readonly target: Target;
}

export interface RouteMatch<Target> {
  readonly target: Target;
  /** The route as API Gateway names it: where both forms of a path are served, the one that was asked for. */
  readonly routeKey: string;
  /** The request's path, decoded. */
  readonly path: string;
  /** Values of the route's parameters, decoded once; undefined without any. */
  readonly pathParameters?: Record<string, string>;
}

/** The routes below one prefix of segments. */
interface Node<Target> {
  readonly literals: Map<string, Node<Target>>;
  parameter?: Node<Target>;
  route?: Leaf<Target>;
}

interface Leaf<Target> {
  readonly target: Target;
  readonly routeKeys: RouteKeys;
  /** Names of the parameters, in the order of the path. */
  readonly names: readonly string[];
}

/** Of the path with a slash at its end, and without one. */
interface RouteKeys {
  readonly slashed: string | undefined;
  readonly bare: string | undefined;
}

/** Finds the route of a request by its method and its path as it was sent; undefined where no route matches. */
export type FindRoute<Target> = (method: string, rawPath: string) => RouteMatch<Target> | undefined;

/** The key of the route that answers what no other route does. */
export const DEFAULT_ROUTE = "$default";

/**
 * A finder in `routes`. Segments of a path are matched decoded; a segment as it is written goes before a parameter. A path
 * declared with a slash at its end is served without it as well, as it is deployed (build/functions.ts); one declared without
 * it is not. HEAD is served by the route for GET.
 * @throws {TypeError} for a route that no request could match, or a path that is declared twice.
 * The finder throws {Problem} 400 `bad_request` for a path with escapes that are not UTF-8.
 */
export function routeFinder<Target>(routes: readonly HostRoute<Target>[]): FindRoute<Target> {
  const byMethod = new Map<string, Node<Target>>();
  let fallback: HostRoute<Target> | undefined;
  for (const route of routes) {
    if (route.routeKey === DEFAULT_ROUTE) fallback = route;
    else add(byMethod, route);
  }
  return (method, rawPath) => {
    const escaped = rawPath.includes("%");
    const segments = rawPath.split("/");
    const decoded = escaped ? segments.map(decodeSegment) : segments;
    const slashed = decoded.length > 2 && decoded[decoded.length - 1] === "";
    const root = byMethod.get(method) ?? (method === "HEAD" ? byMethod.get("GET") : undefined);
    const values: string[] = [];
    const leaf = root && find(root, decoded, 1, slashed ? decoded.length - 1 : decoded.length, values);
    const path = escaped ? decoded.join("/") : rawPath;
    const routeKey = slashed ? leaf?.routeKeys.slashed : leaf?.routeKeys.bare;
    if (leaf === undefined || routeKey === undefined)
      return fallback && { target: fallback.target, routeKey: DEFAULT_ROUTE, path };
    if (values.length === 0) return { target: leaf.target, routeKey, path };
    const named = leaf.names.map((name, index) => [name, values[index] ?? ""]);
    return { target: leaf.target, routeKey, path, pathParameters: Object.fromEntries(named) };
  };
}

function add<Target>(byMethod: Map<string, Node<Target>>, { routeKey, target }: HostRoute<Target>): void {
  const [, method, path] = /^([A-Z]+) (\/.*)$/.exec(routeKey) ?? [];
  if (method === undefined || path === undefined) throw new TypeError(`${routeKey} is no route`);
  const bare = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
  const names: string[] = [];
  let node: Node<Target> = byMethod.get(method) ?? { literals: new Map() };
  byMethod.set(method, node);
  for (const segment of bare.split("/").slice(1)) {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (name !== undefined) names.push(name);
    else if (segment.includes("{")) throw new TypeError(`${routeKey}: ${segment} can't be matched`);
    node = name === undefined ? literalBelow(node, segment) : parameterBelow(node);
  }
  if (node.route !== undefined) throw new TypeError(`${routeKey} is declared twice`);
  const withSlash = path !== bare;
  node.route = {
    target,
    names,
    routeKeys: { slashed: withSlash ? routeKey : undefined, bare: `${method} ${bare}` },
  };
}

function literalBelow<Target>({ literals }: Node<Target>, segment: string): Node<Target> {
  const below: Node<Target> = literals.get(segment) ?? { literals: new Map() };
  literals.set(segment, below);
  return below;
}

function parameterBelow<Target>(node: Node<Target>): Node<Target> {
  node.parameter ??= { literals: new Map() };
  return node.parameter;
}

/** The leaf for `segments` from `at` to before `end`; adds the values of its parameters to `values`. */
function find<Target>(
  node: Node<Target>,
  segments: readonly string[],
  at: number,
  end: number,
  values: string[],
): Leaf<Target> | undefined {
  if (at === end) return node.route;
  const segment = segments[at] ?? "";
  const below = node.literals.get(segment);
  const leaf = below && find(below, segments, at + 1, end, values);
  if (leaf !== undefined || node.parameter === undefined || STEPS.has(segment)) return leaf;
  values.push(segment);
  const found = find(node.parameter, segments, at + 1, end, values);
  if (found === undefined) values.pop();
  return found;
}

/** Segments with which a path means another one (RFC 3986, 6.2.2.3): no parameter has such a value. */
const STEPS = new Set(["", ".", ".."]);

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw unreadable(400);
  }
}
