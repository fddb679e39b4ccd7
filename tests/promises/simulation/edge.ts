// A request below authentication: parsed, checked, run, its errors made problem replies, all by the code of lib/http.

import "./silence.ts";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import type { Caller } from "../../../lib/auth/caller.ts";
import { matcher } from "../../../lib/contract/matcher.ts";
import type { Contract, ReplyOf, Route } from "../../../lib/contract/route.ts";
import { answeringProblems, answerTo, type HttpRequest, readRequest } from "../../../lib/http/handler.ts";
import { httpScope } from "../../../lib/http/request-scope.ts";
import { context, httpEvent } from "../../../lib/http/test-things.ts";

/** What is sent, by whom. */
export interface Ask {
  readonly caller: Caller;
  readonly method: string;
  /** With query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A route of services of the kind `S`. */
export interface Served<S> {
  readonly method: string;
  readonly path: string;
  readonly pattern: RegExp;
  answer(service: S, ask: Ask, params: Readonly<Record<string, string>>): Promise<Answer>;
}

/** Serves `route` by `run`, as `httpHandler` would once it knows who calls. */
export function served<S, R extends Route>(
  contract: Contract,
  route: R,
  run: (service: S, request: HttpRequest<R>) => Promise<ReplyOf<R>>,
): Served<S> {
  const under = new WeakMap<APIGatewayProxyEventV2, { service: S; caller: Caller }>();
  const handle = async (event: APIGatewayProxyEventV2, within: Context) => {
    const given = under.get(event);
    if (!given) throw new Error("An event came from nowhere");
    const scope = httpScope(contract.service, event, within);
    return answerTo(readRequest(route, event, scope, given.caller, noPlatform), (request) =>
      run(given.service, request),
    );
  };
  const handler = answeringProblems(contract, route, handle);
  return {
    method: route.method,
    path: route.path,
    pattern: new RegExp(`^${route.path.replace(/\{(\w+)\}/g, "(?<$1>[^/?]+)")}$`),
    async answer(service, ask, params) {
      const event = eventOf(ask, params);
      under.set(event, { service, caller: ask.caller });
      const { statusCode = 0, headers = {}, body = "" } = await handler(event, context);
      const texts: Record<string, string> = {};
      for (const name of Object.keys(headers)) texts[name] = String(headers[name]);
      return { status: statusCode, headers: texts, body };
    },
  };
}

const noPlatform = (): never => {
  throw new Error("There is no platform in a simulation");
};

/** Gives the answer of a service to a request. */
export type Answering<S> = (service: S, ask: Ask) => Promise<Answer>;

/** Answers by whichever of `routes` takes the request. */
export function answering<S>(routes: readonly Served<S>[]): Answering<S> {
  const match = matcher(routes);
  return (service, ask) => {
    const path = ask.path.split("?", 1)[0] ?? "";
    const found = match(ask.method, path);
    if (!found || !("route" in found)) throw new Error(`No route answers ${ask.method} ${ask.path}`);
    return found.route.answer(service, ask, { ...found.route.pattern.exec(path)?.groups });
  };
}

function eventOf({ method, path, headers, body }: Ask, params: Readonly<Record<string, string>>) {
  const [at = "", query = ""] = path.split("?");
  const given = { method, path: at, params, headers, body };
  return httpEvent(
    query === "" ? given : { ...given, query: Object.fromEntries(new URLSearchParams(query)) },
  );
}
