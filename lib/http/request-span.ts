// A request from its arrival at its handler until the reply: its trace, and its span; attributes by OpenTelemetry's conventions for HTTP.

import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { Route } from "../contract/route.ts";
import { shortName } from "../core/service-name.ts";
import { knownMethod } from "../observability/http-method.ts";
import { beginServing, type RequestUnderWay } from "../observability/served-request.ts";
import { type Attributes, inSpan, spanRecorder } from "../observability/span.ts";
import { spanPath } from "../observability/span-path.ts";
import { settleTrace } from "./request-scope.ts";

/** The part of a route that is named in logs, metrics and spans: its id, and the template of its path. */
export type NamedRoute = Pick<Route, "id" | "path">;

/** A request while it is handled, where somebody wants to know. */
class HandledRequest {
  readonly service: string;
  readonly serving: RequestUnderWay;
  user: string | undefined;
  /** What the request and its reply are about: objects with ids among their members. */
  readonly about: unknown[] = [];

  constructor(service: string, serving: RequestUnderWay) {
    this.service = service;
    this.serving = serving;
  }
}

/** A member of the event: a map of all events would cost more than all else here. */
const HANDLED = Symbol("handled");
type Event = APIGatewayProxyEventV2 & { [HANDLED]?: HandledRequest };

/** Settles the trace of a request and, where spans are recorded, begins its span. Probes of `/health/` have none. */
export function beginRequest(service: string, route: NamedRoute, event: Event): void {
  // Most processes record none.
  const isRecorded = route.id !== "health" && spanRecorder() !== undefined;
  const name = isRecorded ? nameOf(route, event.requestContext.http.method) : "";
  const serving = isRecorded
    ? beginServing(service, name, event.headers["traceparent"], () => attributesOf(route, event))
    : undefined;
  if (serving === undefined) {
    settleTrace(event);
  } else {
    event.headers["traceparent"] = serving.traceparent;
    event[HANDLED] = new HandledRequest(service, serving);
  }
}

const names = new Map<NamedRoute, Map<string, string>>();

/** The same text for each request of a kind, so that it is found in tables at once. */
function nameOf(route: NamedRoute, given: string): string {
  const method = knownMethod(given);
  let ofRoute = names.get(route);
  if (ofRoute === undefined) {
    ofRoute = new Map();
    names.set(route, ofRoute);
  }
  let name = ofRoute.get(method);
  if (name === undefined) {
    name = isDeclared(route) ? `${method} ${route.path}` : method;
    ofRoute.set(method, name);
  }
  return name;
}

const isDeclared = ({ id }: NamedRoute): boolean => id !== "fallback";

function attributesOf(
  route: NamedRoute,
  { headers, rawPath, requestContext }: APIGatewayProxyEventV2,
): Attributes {
  const declared = isDeclared(route);
  return {
    "http.request.method": knownMethod(requestContext.http.method),
    "http.route": declared ? route.path : undefined,
    // What a client asks for that does not exist may hold anything.
    "url.path": declared ? spanPath(rawPath) : undefined,
    "url.scheme": headers["x-forwarded-proto"] ?? "http",
  };
}

/** `work` as a part of the span of `event`. */
export const inRequest = <T>(event: Event, work: () => T): T => inSpan(event[HANDLED]?.serving.span, work);

/** Ends the span of `event`. `code`: why it was refused, or failed. */
export function endRequest(event: Event, status: number, code: string | undefined): void {
  const handled = event[HANDLED];
  if (handled === undefined) return;
  const failure = status >= 500 ? (code ?? String(status)) : undefined;
  handled.serving.end({
    failure,
    outside: event.headers["cfmp-target-service"] === undefined,
    attributes: () => ({
      ...subjectOf(handled),
      "http.response.status_code": status,
      ...(failure === undefined && code !== undefined ? { "cfmp.problem.code": code } : {}),
    }),
  });
}

/** Notes who asks by `event`, and an object that it is about, by whose ids its span can be found. */
export function identifyRequest(event: Event, user: string | undefined, ...about: readonly unknown[]): void {
  const handled = event[HANDLED];
  if (handled === undefined) return;
  handled.user ??= user;
  handled.about.push(...about);
}

function subjectOf({ service, user, about }: HandledRequest): Attributes {
  // An identity provider may use addresses as ids.
  const asker = user === undefined || user.includes("@") ? {} : { "user.id": user };
  return Object.assign(asker, ...about.map((part) => idsIn(service, part)));
}

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

/** The ids among the members of `value`: `order_id` as `cfmp.order.id`, and `id` by what the service keeps. */
function idsIn(service: string, value: unknown): Attributes {
  const found: Record<string, string> = {};
  if (typeof value !== "object" || value === null) return found;
  for (const name of Object.keys(value)) {
    if (!name.endsWith("id")) continue;
    const member: unknown = Reflect.get(value, name);
    if (typeof member !== "string" || !UUID.test(member)) continue;
    if (name === "id") found[`cfmp.${shortName(service)}.id`] = member;
    else if (name.endsWith("_id")) found[`cfmp.${name.slice(0, -"_id".length)}.id`] = member;
  }
  return found;
}
