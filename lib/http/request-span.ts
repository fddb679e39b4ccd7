// A request from its arrival at its handler until the reply: its trace, and its span; attributes by OpenTelemetry's conventions for HTTP.

import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { Route } from "../contract/route.ts";
import { shortName } from "../core/service-name.ts";
import { knownMethod, servedName } from "../observability/http-method.ts";
import { beginServing, type RequestUnderWay, type Subject } from "../observability/served-request.ts";
import { type Attributes, inSpan, spanRecorder } from "../observability/span.ts";
import { spanPath } from "../observability/span-path.ts";
import { settleTrace } from "./request-scope.ts";

/** The part of a route that is named in logs, metrics and spans: its id, and the template of its path. */
export type NamedRoute = Pick<Route, "id" | "path">;

/** A route of a service, with what all its requests have in common. */
export class ServedRoute {
  readonly service: string;
  readonly isProbe: boolean;
  /** Of its path; undefined where it answers whatever else is asked for. */
  readonly template: string | undefined;
  /** By method: the same text for each request of a kind, so that it is found in tables at once. */
  readonly #names = new Map<string, string>();
  #kept: string | undefined;

  constructor(service: string, { id, path }: NamedRoute) {
    this.service = service;
    this.isProbe = id === "health";
    this.template = id === "fallback" ? undefined : path;
  }

  /** The kind of thing that the service keeps, such as `order`. */
  get kept(): string {
    this.#kept ??= shortName(this.service);
    return this.#kept;
  }

  /** The method of a request and its route, as far as these are known ones. */
  nameOf(method: string): string {
    const before = this.#names.get(method);
    if (before !== undefined) return before;
    const name = servedName(method, this.template);
    // A client can invent methods.
    if (knownMethod(method) === method) this.#names.set(method, name);
    return name;
  }
}

/** A request while it is handled, where somebody wants to know. */
class HandledRequest implements Subject {
  readonly serving: RequestUnderWay | undefined;
  readonly #route: ServedRoute;
  readonly #event: APIGatewayProxyEventV2;
  #user: string | undefined;
  #params: unknown;
  #body: unknown;
  #reply: unknown;
  #refusal: string | undefined;

  constructor(route: ServedRoute, event: APIGatewayProxyEventV2) {
    this.#route = route;
    this.#event = event;
    const name = route.nameOf(event.requestContext.http.method);
    this.serving = beginServing(route.service, name, event.headers["traceparent"], this);
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
    const { template } = this.#route;
    return {
      "http.request.method": knownMethod(requestContext.http.method),
      "http.route": template,
      // What a client asks for that does not exist may hold anything.
      "url.path": template === undefined ? undefined : spanPath(rawPath),
      // The header may hold anything.
      "url.scheme": headers["x-forwarded-proto"] === "https" ? "https" : "http",
    };
  }

  endAttributes(): Attributes {
    const user = this.#user;
    return {
      // An identity provider may use addresses as ids.
      ...(user === undefined || user.includes("@") ? {} : { "user.id": user }),
      ...Object.assign({}, ...this.#about.map((part) => idsIn(this.#route, part))),
      ...(this.#refusal === undefined ? {} : { "cfmp.problem.code": this.#refusal }),
    };
  }

  idOf(kind: string): string | undefined {
    // As among the attributes, the later ones count.
    return this.#about.reduceRight<string | undefined>(
      (found, part) => found ?? idIn(this.#route, part, kind),
      undefined,
    );
  }

  /** What the request and its reply are about: objects with ids among their members. */
  get #about(): readonly unknown[] {
    return [this.#params, this.#body, this.#reply];
  }
}

/**
 * A member of the context: a map of all contexts would cost more than all else here. Events have so many forms already that another member
 * would make every access to them slow.
 */
const HANDLED = Symbol("handled");
type Handled = object & { [HANDLED]?: HandledRequest };

/** Settles the trace of a request and, where spans are recorded, begins its span. Probes of `/health/` have none. */
export function beginRequest(route: ServedRoute, event: APIGatewayProxyEventV2, context: Handled): void {
  // Most processes record none.
  const isRecorded = !route.isProbe && spanRecorder() !== undefined;
  const handled = isRecorded ? new HandledRequest(route, event) : undefined;
  if (handled?.serving === undefined) {
    settleTrace(event);
  } else {
    event.headers["traceparent"] = handled.serving.traceparent;
    context[HANDLED] = handled;
  }
}

/** `work` as a part of the span of the request with `context`. */
export const inRequest = <T>(context: Handled, work: () => T): T =>
  inSpan(context[HANDLED]?.serving?.span, work);

/** Ends the span of the request with `context`. `code`: why it was refused, or failed. */
export const endRequest = (context: Handled, status: number, code: string | undefined): void =>
  context[HANDLED]?.end(status, code);

/** Notes who asks by the request with `context`, and for what: objects by whose ids its span can be found. */
export const identifyRequest = (
  context: Handled,
  user: string | undefined,
  params: unknown,
  body: unknown,
): void => context[HANDLED]?.asks(user, params, body);

/** Notes what the request with `context` is answered: an object by whose ids its span can be found. */
export const identifyReply = (context: Handled, body: unknown): void => context[HANDLED]?.repliesWith(body);

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

/** The ids among the members of `value`: `order_id` as `cfmp.order.id`, and `id` by what the service keeps. */
function idsIn({ kept }: ServedRoute, value: unknown): Attributes {
  const found: Record<string, string> = {};
  if (typeof value !== "object" || value === null) return found;
  for (const name of Object.keys(value)) {
    if (!name.endsWith("id")) continue;
    const member: unknown = Reflect.get(value, name);
    if (typeof member !== "string" || !UUID.test(member)) continue;
    if (name === "id") found[`cfmp.${kept}.id`] = member;
    else if (name.endsWith("_id")) found[`cfmp.${name.slice(0, -"_id".length)}.id`] = member;
  }
  return found;
}

/** The one of {@link idsIn} that is `cfmp.<kind>.id`. */
function idIn({ kept }: ServedRoute, value: unknown, kind: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const named: unknown = Reflect.get(value, `${kind}_id`);
  const id = named ?? (kept === kind ? Reflect.get(value, "id") : undefined);
  return typeof id === "string" && UUID.test(id) ? id : undefined;
}
