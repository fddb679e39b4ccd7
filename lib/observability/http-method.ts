// Methods as metrics and spans name them.

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]);

/** `method`, or `_OTHER` for one that is unusual, as OpenTelemetry's conventions for HTTP say: a client can invent methods. */
export const knownMethod = (method: string): string => (METHODS.has(method) ? method : "_OTHER");

/**
 * What a span is named by that serves a request with `method` to `route`, the template of its path; undefined where there is none. An unusual method
 * is `HTTP` there (https://opentelemetry.io/docs/specs/semconv/http/http-spans/#name).
 */
export function servedName(method: string, route: string | undefined): string {
  const shown = METHODS.has(method) ? method : "HTTP";
  return route === undefined ? shown : `${shown} ${route}`;
}
