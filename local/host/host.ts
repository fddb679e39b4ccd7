// The host: answers the requests of declared routes by their functions, as API Gateway and Lambda do. It is mounted behind a
// listener's guard (local/shared/listener), which bounds what arrives.

import type { IncomingMessage, ServerResponse } from "node:http";
import { Problem } from "../../lib/http/problem.ts";
import type { BoundedMessage } from "../shared/listener/bounded-message.ts";
import { refusal } from "../shared/listener/refuse.ts";
import { type Target, targetOf, toEvent } from "./event.ts";
import { type HostedFunction, InvocationContext } from "./invoke.ts";
import { type HostReply, toReply } from "./result.ts";
import { type HostRoute, type RouteMatch, routeFinder } from "./routes.ts";

/** Answers a request; returns false, and does nothing, when no route matches it. */
export type Host = (request: BoundedMessage, response: ServerResponse) => boolean;

/**
 * The host of `routes`. With a route `$default` it answers every request. A function that throws, or whose result can't be sent,
 * is answered by a 500 without the reason, which goes to the function's `report`.
 * @throws {TypeError} see {@link routeFinder}.
 */
export function createHost(routes: readonly HostRoute<HostedFunction>[]): Host {
  const find = routeFinder(routes);
  return (request, response) => {
    const { method = "GET", url = "/" } = request;
    const target = targetOf(url);
    try {
      const match = find(method, target.rawPath);
      if (match === undefined) return false;
      if (mayHaveBody(request)) request.gather((body) => void answer(match, target, body, request, response));
      else void answer(match, target, NONE, request, response);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      refuse(error, request, response);
    }
    return true;
  };
}

const NONE = Buffer.alloc(0);

/** Whether a body may follow the head of a request (RFC 9112, 6.3). */
const mayHaveBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

async function answer(
  match: RouteMatch<HostedFunction>,
  target: Target,
  body: Buffer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const hosted = match.target;
  try {
    const context = new InvocationContext(hosted, response);
    const event = toEvent(request, target, match, body, context.awsRequestId);
    send(toReply(await hosted.invoke(event, context)), request, response);
  } catch (error) {
    hosted.report(error);
    refuse(failure(), request, response);
  }
}

/** For a function that failed, as far as its client may know. */
export const failure = (): Problem =>
  new Problem(500, "internal", "The request failed; it may have had an effect.");

/** Sends `reply`. @throws Node's error for a header that can't be sent; nothing is sent then. */
function send(
  { status, headers, body }: HostReply,
  { method }: IncomingMessage,
  response: ServerResponse,
): void {
  if (response.headersSent) return;
  response.writeHead(status, headers);
  if (method === "HEAD" || body.length === 0) response.end();
  else response.end(body);
}

function refuse(problem: Problem, { headers, method }: IncomingMessage, response: ServerResponse): void {
  if (response.headersSent) return;
  const reply = refusal(problem, headers);
  response.writeHead(reply.status, reply.headers);
  response.end(method === "HEAD" ? undefined : reply.body);
}
