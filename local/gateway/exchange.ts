// One exchange of the gateway: sends a request to an instance, and the reply to the client.

import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { unavailable } from "../../lib/core/domain-error.ts";
import type { Discovery } from "../../lib/discovery/index.ts";
import { type PeerRequest, PeerUnavailable } from "../../lib/discovery/peer/peer.ts";
import { Problem, problemOf } from "../../lib/http/problem.ts";
import { type Body, takeBody } from "./body.ts";
import { requestHeaders } from "./headers.ts";
import type { GatewayReply } from "./incoming.ts";
import type { Upstream } from "./upstream.ts";

/** Its name among the services. */
export const GATEWAY = "gateway";
/** As long as API Gateway waits for a reply (HTTP APIs: 30 s at most). */
const REPLY_WITHIN_MS = 30_000;
/** Milliseconds without data after which a reply that has begun is aborted. */
const SILENT_MS = 30_000;
/** Sends the request to `service` and resolves with the head of its reply. @throws {Problem} */
export type Forward = (request: IncomingMessage, routed: RoutedRequest) => Promise<GatewayReply>;

export interface RoutedRequest {
  readonly service: string;
  readonly method: PeerRequest["method"];
  readonly path: string;
  /** Whether the route honours an `Idempotency-Key`. */
  readonly keyed: boolean;
  readonly traceparent: string;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

/** Forwards requests by `upstream` to an instance that `discovery` chooses. */
export function forwarder(discovery: Pick<Discovery, "callBy">, upstream: Upstream): Forward {
  const call = discovery.callBy<Body, GatewayReply>(upstream);
  return async (request, { service, method, path, keyed, traceparent, signal }) => {
    const address = request.socket.remoteAddress ?? "unknown";
    const headers = { ...requestHeaders(request.headers, { address, protocol: "http" }), traceparent };
    // The body of these methods has no meaning (RFC 9110, 9.3.1), so it is dropped.
    const body = method === "GET" || method === "HEAD" ? undefined : await takeBody(request);
    const deadline = performance.now() + REPLY_WITHIN_MS;
    try {
      return await call(service, {
        caller: GATEWAY,
        method,
        path,
        headers: body?.kind === "streamed" ? { ...headers, ...declaredLength(request) } : headers,
        ...(body ? { body } : {}),
        // Safe and idempotent methods (RFC 9110, 9.2.2) and commands with a key, if the body can be sent again.
        retryable: body?.kind !== "streamed" && (method !== "POST" || (keyed && hasKey(request))),
        deadline,
        signal,
      });
    } catch (error) {
      throw error instanceof PeerUnavailable ? refusal(error, performance.now() >= deadline) : error;
    }
  };
}

const hasKey = ({ headers }: IncomingMessage): boolean => headers["idempotency-key"] !== undefined;

/** The length of a streamed body as the client declared it; without one it is sent in chunks. */
const declaredLength = ({ headers }: IncomingMessage): Record<string, string> =>
  headers["content-length"] === undefined ? {} : { "content-length": headers["content-length"] };

function refusal(cause: PeerUnavailable, late: boolean): Problem {
  if (!cause.maybeSent) {
    const seconds = Math.ceil((cause.retryAfterMs ?? 1_000) / 1_000);
    return problemOf(
      unavailable("service_unavailable", `${cause.service} has no instance that answers.`, seconds),
    );
  }
  if (late) return new Problem(504, "reply_late", `${cause.service} did not answer in time; ${UNKNOWN}`);
  return new Problem(502, "reply_lost", `${cause.service} closed the connection; ${UNKNOWN}`);
}

const UNKNOWN = "the request may have had an effect. An Idempotency-Key makes it safe to repeat.";

/** Streams a reply to the client. Rejects, and closes the client's connection, when either side aborts. */
export async function passOn(
  { status, body }: GatewayReply,
  headers: readonly string[],
  response: ServerResponse,
): Promise<void> {
  response.writeHead(status, [...headers]);
  if (Buffer.isBuffer(body)) {
    response.end(body);
    return;
  }
  const silence = setTimeout(() => body.destroy(new Error("the reply stopped")), SILENT_MS);
  // Of a client that is gone while an earlier reply on its connection was due, Node does not say so: this one is never done.
  body.once("close", () => clearTimeout(silence));
  const done = pipeline(body, response);
  body.on("data", () => silence.refresh());
  await done;
}
