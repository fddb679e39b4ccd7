// Finds the route for a method and a path, by the rules of API Gateway.

/** A route to be matched. A parameter of its path, such as `{id}`, matches any text without a slash. */
export interface Matchable {
  readonly method: string;
  readonly path: string;
}

/** The matching route; or the methods that the path allows; undefined when no route has the path. */
export type Match<R> = { readonly route: R } | { readonly allowed: readonly string[] } | undefined;

/**
 * Finds the route for a request. A trailing slash makes no difference. As in OpenAPI, a path without parameters is preferred
 * to one with them: `/read-all/` is not matched by `/{id}/`. HEAD is matched as GET.
 */
export function matcher<R extends Matchable>(
  routes: readonly R[],
): (method: string, path: string) => Match<R> {
  const exact = new Map<string, R[]>();
  const withParameters = new Map<string, R[]>();
  for (const route of routes) {
    const path = withoutSlash(route.path);
    const [map, key] = path.includes("{") ? [withParameters, patternOf(path)] : [exact, path];
    map.set(key, [...(map.get(key) ?? []), route]);
  }
  const patterns = [...withParameters].map(([text, fitting]) => ({ pattern: new RegExp(text), fitting }));
  return (method, path) => {
    const requested = withoutSlash(path);
    const found = exact.get(requested) ?? patterns.find(({ pattern }) => pattern.test(requested))?.fitting;
    if (found === undefined) return undefined;
    const wanted = method === "HEAD" ? "GET" : method;
    const route = found.find((each) => each.method === wanted);
    return route ? { route } : { allowed: [...new Set(found.map((each) => each.method))] };
  };
}

const withoutSlash = (path: string): string => (path.endsWith("/") ? path.slice(0, -1) : path);

const patternOf = (path: string): string => `^${path.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`;
