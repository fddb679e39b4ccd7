// A Lambda handler for one declared route: identity, validation, deadline and problem replies around the code of the route.

import middy from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { ANONYMOUS, type Caller, type User } from "../auth/caller.ts";
import { identify, requireUser } from "../auth/identify.ts";
import { readSecretsEarly, secretsFresh } from "../config/secrets-fresh.ts";
import { settingsFresh } from "../config/watch-live.ts";
import type { BodyOf, Contract, ParamsOf, QueryOf, ReplyOf, Route } from "../contract/route.ts";
import { withinDeadline } from "../core/deadline.ts";
import { notFound } from "../core/domain-error.ts";
import { onLambda } from "../core/on-lambda.ts";
import type { Scope } from "../core/scope.ts";
import { Turns } from "../core/turns.ts";
import { flushSpans } from "../observability/tracing.ts";
import { type Platform, platform } from "../platform/platform.ts";
import { processConfig } from "../platform/process-config.ts";
import { checkHost, checkTarget } from "./addressee.ts";
import { bodyText, checkContentCoding } from "./event-body.ts";
import { checkMethod } from "./methods.ts";
import { idempotencyKey, parseBody, parseParams, parseQuery, precondition } from "./parse.ts";
import { conditionalReply, type Precondition } from "./precondition.ts";
import { problemReplies } from "./problem-replies.ts";
import { toResult } from "./reply.ts";
import { type Headers, httpScope, type RequestContext } from "./request-scope.ts";
import { identifyReply, identifyRequest, inRequest } from "./request-span.ts";

/** A request to `R`, checked and typed. */
export interface HttpRequest<R extends Route> {
  readonly scope: Scope;
  readonly method: string;
  readonly path: string;
  readonly params: ParamsOf<R>;
  readonly query: QueryOf<R>;
  readonly body: BodyOf<R>;
  /** The body exactly as sent, for signatures. */
  readonly rawBody: string;
  readonly headers: Headers;
  readonly caller: Caller;
  /** The caller of a route for people. */
  readonly user: User;
  readonly idempotencyKey: string | undefined;
  /** The revisions for which the request is valid. For reads, 304 and 412 are answered without the handler's code. */
  readonly precondition: Precondition;
  readonly platform: Platform;
}

export type HttpHandler = (
  event: APIGatewayProxyEventV2,
  context: RequestContext,
) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * Wraps `run` for `route`. Whatever is thrown becomes a problem reply; nothing escapes, since an uncaught error
 * under payload 2.0 would read as a success.
 */
export function httpHandler<R extends Route>(
  contract: Contract,
  route: R,
  run: (request: HttpRequest<R>) => Promise<ReplyOf<R>>,
): HttpHandler {
  if (!route.selfContained) readSecretsEarly();
  const handle = async (event: APIGatewayProxyEventV2, context: RequestContext) => {
    // Self-contained functions have no secrets, and must not need any.
    if (!route.selfContained) {
      const reading = secretsFresh();
      if (reading !== undefined) await reading;
      platform();
    }
    const config = processConfig();
    const refreshing = settingsFresh();
    if (refreshing !== undefined) await refreshing;
    const scope = httpScope(contract.service, event, context);
    checkTarget(contract.service, event.headers);
    checkHost(config, event.headers);
    checkMethod(contract, route, event.requestContext.http.method, config.DEBUG);
    if (route.debugOnly && !config.DEBUG) throw notFound("route");
    const caller =
      route.access === "public"
        ? ANONYMOUS
        : await identify(route, contract.service, event.headers, platform().tokens, config.DEBUG);
    const request = readRequest(route, event, scope, caller, platform);
    const user = caller.kind === "user" ? caller.id : undefined;
    identifyRequest(context, user, request.params, request.body);
    return answerTo(request, run, route.takesTurns, (body) => identifyReply(context, body));
  };
  return answeringProblems(contract, route, handle);
}

/** The request to `route` in `event`, from the identified `caller`. @throws {DomainError} 4xx for what is not valid. */
export function readRequest<R extends Route>(
  route: R,
  event: APIGatewayProxyEventV2,
  scope: Scope,
  caller: Caller,
  shared: () => Platform,
): HttpRequest<R> {
  if (event.body) checkContentCoding(event.headers["content-encoding"]);
  const raw = bodyText(event);
  const request = {
    scope,
    method: event.requestContext.http.method,
    path: event.rawPath,
    params: parseParams(route, event),
    query: parseQuery(route, event),
    body: parseBody(route, event, raw),
    rawBody: raw,
    headers: event.headers,
    caller,
    get user() {
      return requireUser(caller);
    },
    idempotencyKey: idempotencyKey(route, event),
    precondition: precondition(route, event),
    get platform() {
      return shared();
    },
  };
  return request as HttpRequest<R>;
}

/**
 * What `run` replies by the request's deadline; with `takesTurns`, as one of its user's turns (see there, of a route). `replied` hears of
 * the reply's body before it is text.
 * @throws {DomainError} unavailable when it does not.
 */
export function answerTo<R extends Route>(
  request: HttpRequest<R>,
  run: (request: HttpRequest<R>) => Promise<ReplyOf<R>>,
  takesTurns = false,
  replied: (body: unknown) => void = () => {},
): Promise<APIGatewayProxyStructuredResultV2> {
  const reads = request.method === "GET" || request.method === "HEAD";
  const answer = async () => {
    const reply = await run(request);
    replied(reply.body);
    return toResult(reads ? conditionalReply(request.precondition, reply) : reply);
  };
  return withinDeadline(request.scope, takesTurns ? () => inTurn(request, answer) : answer);
}

/** Limits of one user's heavy requests in this process, over all routes, by what they reply; see docs/security.md. */
const TURNS = new Turns({ atOnce: 2, mostAtOnce: 32, small: 256 * 1024, waiting: 32 });

const inTurn = (
  { user, scope }: Pick<HttpRequest<Route>, "user" | "scope">,
  answer: () => Promise<APIGatewayProxyStructuredResultV2>,
): Promise<APIGatewayProxyStructuredResultV2> =>
  TURNS.take(user.id, scope.signal, answer, ({ body = "" }) => body.length);

/** `handle` with its errors as problem replies. */
export function answeringProblems(contract: Contract, route: Route, handle: HttpHandler): HttpHandler {
  const answer = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>({ timeoutEarlyInMillis: 0 })
    .use(problemReplies(contract.service, route))
    .handler((event, context) => inRequest(context, () => handle(event, context)));
  if (!onLambda()) return answer;
  return async (event, context) => {
    const result = await answer(event, context);
    // After the reply the process is frozen, and what waits to be sent with it.
    await flushSpans();
    return result;
  };
}
