// A request from its arrival at its handler until the reply: its trace, and its span; attributes by OpenTelemetry's conventions for HTTP.

import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { Route } from "../contract/route.ts";
import { shortName } from "../core/service-name.ts";
import { knownMethod } from "../observability/http-method.ts";
import { beginServing, type RequestUnderWay, type Subject } from "../observability/served-request.ts";
import { type Attributes, inSpan, spanRecorder } from "../observability/span.ts";
import { spanPath } from "../observability/span-path.ts";
import { settleTrace } from "./request-scope.ts";

/** The part of a route that is named in logs, metrics and spans: its id, and the template of its path. */
export type NamedRoute = Pick<Route, "id" | "path">;

/** A request while it is handled, where somebody wants to know. */
class HandledRequest implements Subject {
  readonly serving: RequestUnderWay | undefined;
  readonly #service: string;
  readonly #route: NamedRoute;
  readonly #event: APIGatewayProxyEventV2;
  #user: string | undefined;
  #params: unknown;
  #body: unknown;
  #reply: unknown;
  #refusal: string | undefined;

  constructor(service: string, route: NamedRoute, event: APIGatewayProxyEventV2) {
    this.#service = service;
    this.#route = route;
    this.#event = event;
    const name = nameOf(route, event.requestContext.http.method);
    this.serving = beginServing(service, name, event.headers["traceparent"], this);
  }

  asks(user: string | undefined, params: unknown, body: unknown): void {
    this.#user = user;
    this.#params = params;
    this.#body = body;
  }

  repliesWith(body: unknown): void {
    this.#reply = body;
  }

  end(status: number, code: string | undefined): void {
    const failure = status >= 500 ? (code ?? String(status)) : undefined;
    if (failure === undefined) this.#refusal = code;
    const outside = this.#event.headers["cfmp-target-service"] === undefined;
    this.serving?.end({ status, failure, outside });
  }

  attributes(): Attributes {
    const { headers, rawPath, requestContext } = this.#event;
    const declared = isDeclared(this.#route);
    return {
      "http.request.method": knownMethod(requestContext.http.method),
      "http.route": declared ? this.#route.path : undefined,
      // What a client asks for that does not exist may hold anything.
      "url.path": declared ? spanPath(rawPath) : undefined,
      "url.scheme": headers["x-forwarded-proto"] ?? "http",
    };
  }

  endAttributes(): Attributes {
    const user = this.#user;
    return {
      // An identity provider may use addresses as ids.
      ...(user === undefined || user.includes("@") ? {} : { "user.id": user }),
      ...Object.assign({}, ...this.#about.map((part) => idsIn(this.#service, part))),
      ...(this.#refusal === undefined ? {} : { "cfmp.problem.code": this.#refusal }),
    };
  }

  idOf(kind: string): string | undefined {
    // As among the attributes, the later ones count.
    return this.#about.reduceRight<string | undefined>(
      (found, part) => found ?? idIn(this.#service, part, kind),
      undefined,
    );
  }

  /** What the request and its reply are about: objects with ids among their members. */
  get #about(): readonly unknown[] {
    return [this.#params, this.#body, this.#reply];
  }
}

/** A member of the event: a map of all events would cost more than all else here. */
const HANDLED = Symbol("handled");
type Event = APIGatewayProxyEventV2 & { [HANDLED]?: HandledRequest };

/** Settles the trace of a request and, where spans are recorded, begins its span. Probes of `/health/` have none. */
export function beginRequest(service: string, route: NamedRoute, event: Event): void {
  // Most processes record none.
  const isRecorded = route.id !== "health" && spanRecorder() !== undefined;
  const handled = isRecorded ? new HandledRequest(service, route, event) : undefined;
  if (handled?.serving === undefined) {
    settleTrace(event);
  } else {
    event.headers["traceparent"] = handled.serving.traceparent;
    event[HANDLED] = handled;
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

/** `work` as a part of the span of `event`. */
export const inRequest = <T>(event: Event, work: () => T): T => inSpan(event[HANDLED]?.serving?.span, work);

/** Ends the span of `event`. `code`: why it was refused, or failed. */
export const endRequest = (event: Event, status: number, code: string | undefined): void =>
  event[HANDLED]?.end(status, code);

/** Notes who asks by `event`, and for what: objects by whose ids its span can be found. */
export const identifyRequest = (
  event: Event,
  user: string | undefined,
  params: unknown,
  body: unknown,
): void => event[HANDLED]?.asks(user, params, body);

/** Notes what `event` is answered: an object by whose ids its span can be found. */
export const identifyReply = (event: Event, body: unknown): void => event[HANDLED]?.repliesWith(body);

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

/** The one of {@link idsIn} that is `cfmp.<kind>.id`. */
function idIn(service: string, value: unknown, kind: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const named: unknown = Reflect.get(value, `${kind}_id`);
  const id = named ?? (shortName(service) === kind ? Reflect.get(value, "id") : undefined);
  return typeof id === "string" && UUID.test(id) ? id : undefined;
}
