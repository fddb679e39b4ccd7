// The span of a request, from its arrival at its handler until the reply; attributes by OpenTelemetry's conventions for HTTP.

import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { Route } from "../contract/route.ts";
import { shortName } from "../core/service-name.ts";
import { knownMethod } from "../observability/http-method.ts";
import {
  type Attributes,
  beginSpan,
  currentSpan,
  inSpan,
  type Span,
  spanRecorder,
} from "../observability/span.ts";
import { endServed } from "../observability/traffic.ts";
import { settleTrace } from "./request-scope.ts";

/** The part of a route that is named in logs, metrics and spans: its id, and the template of its path. */
export type NamedRoute = Pick<Route, "id" | "path">;

const spans = new WeakMap<APIGatewayProxyEventV2, Span>();

/** Settles the trace of a request and, where spans are recorded, begins its span. Probes of `/health/` have none. */
export function beginRequest(service: string, route: NamedRoute, event: APIGatewayProxyEventV2): void {
  // Most processes record none.
  const isRecorded = route.id !== "health" && spanRecorder() !== undefined;
  const span = isRecorded ? requestSpan(service, route, event) : undefined;
  if (span === undefined) {
    settleTrace(event);
  } else {
    event.headers["traceparent"] = span.traceparent;
    spans.set(event, span);
  }
}

function requestSpan(
  service: string,
  { id, path }: NamedRoute,
  { headers, rawPath, requestContext }: APIGatewayProxyEventV2,
): Span | undefined {
  const method = knownMethod(requestContext.http.method);
  const declared = id !== "fallback";
  return beginSpan({
    service,
    name: declared ? `${method} ${path}` : method,
    kind: "server",
    parent: headers["traceparent"],
    attributes: {
      "http.request.method": method,
      "http.route": declared ? path : undefined,
      // What a client asks for that does not exist may hold anything.
      "url.path": declared ? rawPath : undefined,
      "url.scheme": headers["x-forwarded-proto"] ?? "http",
    },
  });
}

/** `work` as a part of the span of `event`. */
export const inRequest = <T>(event: APIGatewayProxyEventV2, work: () => T): T =>
  inSpan(spans.get(event), work);

/** Ends the span of `event`. `code`: why it was refused, or failed. */
export function endRequest(event: APIGatewayProxyEventV2, status: number, code: string | undefined): void {
  const span = spans.get(event);
  if (span === undefined) return;
  span.set({ "http.response.status_code": status });
  if (status >= 500) span.fail(code ?? String(status));
  else if (code !== undefined) span.set({ "cfmp.problem.code": code });
  endServed(span, event.headers["cfmp-target-service"] === undefined);
}

/** Adds to the span that is under way what the request to `service` is about: who asks, and the ids in `parts`. */
export function identifyRequest(
  service: string,
  user: string | undefined,
  ...parts: readonly unknown[]
): void {
  currentSpan()?.setLater(() => {
    // An identity provider may use addresses as ids.
    const asker = user === undefined || user.includes("@") ? {} : { "user.id": user };
    return Object.assign(asker, ...parts.map((part) => idsIn(service, part)));
  });
}

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

/** The ids among the members of `value`: `order_id` as `cfmp.order.id`, and `id` by what the service keeps. */
function idsIn(service: string, value: unknown): Attributes {
  const found: Record<string, string> = {};
  if (typeof value !== "object" || value === null) return found;
  for (const [name, member] of Object.entries(value)) {
    if (!name.endsWith("id") || typeof member !== "string" || !UUID.test(member)) continue;
    if (name === "id") found[`cfmp.${shortName(service)}.id`] = member;
    else if (name.endsWith("_id")) found[`cfmp.${name.slice(0, -"_id".length)}.id`] = member;
  }
  return found;
}
