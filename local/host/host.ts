// The host: answers the requests of declared routes by their functions, as API Gateway and Lambda do. It is mounted behind a
// listener's guard (local/shared/listener), which bounds what arrives.

import type { IncomingMessage, ServerResponse } from "node:http";
import { Problem } from "../../lib/http/problem.ts";
import type { BoundedMessage } from "../shared/listener/bounded-message.ts";
import { refusal } from "../shared/listener/refuse.ts";
import { sourceOf, type Target, targetOf } from "./event.ts";
import { answer, type Client, type HostedFunction, onHangUp } from "./invoke.ts";
import type { HostReply } from "./result.ts";
import type { FindRoute, RouteMatch } from "./routes.ts";

/** Answers a request; returns false, and does nothing, when no route matches it. */
export type Host = (request: BoundedMessage, response: ServerResponse) => boolean;

/** The host of the routes in which `find` searches. With a route `$default` it answers every request; see {@link answer}. */
export const createHost =
  (find: FindRoute<HostedFunction>): Host =>
  (request, response) => {
    const client = new HttpClient(request, response);
    const { method = "GET", url = "/" } = request;
    const target = targetOf(url);
    try {
      const match = find(method, target.rawPath);
      if (match === undefined) return false;
      if (request.mayHaveBody) request.gather((body) => invoke(match, target, request, body, client));
      else invoke(match, target, request, NONE, client);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      client.refuse(error);
    }
    return true;
  };

const NONE = Buffer.alloc(0);

const invoke = (
  match: RouteMatch<HostedFunction>,
  target: Target,
  request: IncomingMessage,
  body: Buffer,
  client: Client,
): void => void answer(match, target, sourceOf(request), body, client);

/** The client at the other end of a connection. It gets one reply: the listener's guard may have sent it already. */
class HttpClient implements Client {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
  }

  onHangUp(listener: () => void): void {
    onHangUp(this.#response, listener);
  }

  send({ status, headers, body }: HostReply): void {
    const response = this.#response;
    if (response.headersSent) return;
    response.writeHead(status, headers);
    if (this.#request.method === "HEAD" || body.length === 0) response.end();
    else response.end(body);
  }

  refuse(problem: Problem): void {
    const response = this.#response;
    if (response.headersSent) return;
    const { headers, method } = this.#request;
    const reply = refusal(problem, headers);
    response.writeHead(reply.status, reply.headers);
    response.end(method === "HEAD" ? undefined : reply.body);
  }
}
