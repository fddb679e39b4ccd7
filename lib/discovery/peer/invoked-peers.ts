// Calls of routes that are for services only, on AWS: the route's function is invoked directly, since no route of the HTTP API
// leads to it. It gets the event that API Gateway would make of the request, and its result is the reply.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html

import type { APIGatewayProxyEventV2 } from "aws-lambda";
import * as z from "zod";
import type { AwsReply, AwsRequest } from "../../core/aws-request.ts";
import { reasonOf } from "../../core/failure-text.ts";
import { parseJson } from "../../core/tried.ts";
import { type Attempt, AttemptFailed, type CallAttempt, watchAttempt } from "./attempt.ts";
import type { PeerReply, PeerRoute } from "./peer.ts";

export interface InvokedPeersPorts {
  /** What the names of a service's functions begin with, when they can be invoked; undefined for a service of another stack. */
  functionsOf(service: string): string | undefined;
  /** For all other requests. */
  readonly http: { send(attempt: CallAttempt): Promise<PeerReply> };
  /** By default a signed request to Lambda. */
  readonly request?: (request: AwsRequest) => Promise<AwsReply>;
}

const result = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  body: z.string().default(""),
  isBase64Encoded: z.boolean().default(false),
});

/** A process that was frozen finds its connections closed. What is repeatable is sent again, each time by another connection. */
const CONNECTIONS = 3;
/** Longer than any attempt; the attempt's own limits end it earlier. */
const LONGEST_MS = 30_000;
const NOT_CONNECTED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

/** Invokes the functions of peers' internal routes, and sends everything else by `http`. */
export class InvokedPeers {
  readonly #ports: InvokedPeersPorts;

  constructor(ports: InvokedPeersPorts) {
    this.#ports = ports;
  }

  /** Resolves with the complete reply, of any status. @throws {AttemptFailed} when there is none. */
  async send(attempt: CallAttempt): Promise<PeerReply> {
    const { route, service, signal } = attempt;
    const prefix = route && this.#ports.functionsOf(service);
    if (route === undefined || prefix === undefined) return this.#ports.http.send(attempt);
    if (signal?.aborted === true) throw new AttemptFailed("cancelled", false, "the caller gave up");
    const ended = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<PeerReply>();
    const endWatch = watchAttempt(attempt, (kind, reason) => {
      reject(new AttemptFailed(kind, true, reason));
      ended.abort();
    });
    this.#invoke(`${prefix}${route.id}`, attempt, invocationEvent(attempt, route), ended.signal).then(
      resolve,
      reject,
    );
    try {
      return await promise;
    } finally {
      endWatch();
    }
  }

  async #invoke(
    name: string,
    attempt: CallAttempt,
    event: APIGatewayProxyEventV2,
    signal: AbortSignal,
  ): Promise<PeerReply> {
    const send = this.#ports.request ?? (await import("../../core/aws-request.ts")).awsRequest;
    const request: AwsRequest = {
      service: "lambda",
      path: `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`,
      headers: { "content-type": "application/json", "x-amz-invocation-type": "RequestResponse" },
      body: JSON.stringify(event),
      timeoutMs: LONGEST_MS,
      signal,
    };
    // Repeatable requests are those that may take more time than one attempt has.
    const connections = attempt.moreTime === undefined ? 1 : CONNECTIONS;
    for (let tried = 1; ; tried += 1) {
      try {
        return replyOf(name, await send(request));
      } catch (cause) {
        if (cause instanceof AttemptFailed) throw cause;
        const unreachable = NOT_CONNECTED.has(codeOf(cause));
        if (!unreachable && tried < connections && !signal.aborted) continue;
        throw new AttemptFailed(unreachable ? "unreachable" : "broken", !unreachable, reasonOf(cause), cause);
      }
    }
  }
}

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";

/** @throws {AttemptFailed} when the function did not run (then nothing was done), or did not end as it should. */
function replyOf(name: string, { status, headers, body }: AwsReply): PeerReply {
  if (status >= 500) throw new AttemptFailed("broken", true, `Lambda answered ${status} for ${name}`);
  // Not allowed, no such function, throttled.
  if (status !== 200) throw new AttemptFailed("unreachable", false, `Lambda answered ${status} for ${name}`);
  const { data } = result.safeParse(parseJson(body));
  if (headers["x-amz-function-error"] !== undefined || data === undefined)
    throw new AttemptFailed("broken", true, `${name} failed`);
  const entries = Object.entries(data.headers).map(([header, value]) => [
    header.toLowerCase(),
    String(value),
  ]);
  return {
    status: data.statusCode,
    headers: Object.fromEntries(entries),
    body: data.isBase64Encoded ? Buffer.from(data.body, "base64").toString("utf8") : data.body,
  };
}

/** The event that API Gateway would make of the request, in its payload format 2.0. */
function invocationEvent(
  { origin, path, method, headers, body }: Pick<Attempt, "origin" | "path" | "method" | "headers" | "body">,
  route: PeerRoute,
): APIGatewayProxyEventV2 {
  const [escapedPath = "", rawQueryString = ""] = path.split("?", 2);
  const rawPath = decodeURIComponent(escapedPath);
  const query = Object.fromEntries(new URLSearchParams(rawQueryString));
  const { host, hostname } = new URL(origin);
  const routeKey = `${method} ${route.path}`;
  const now = new Date();
  return {
    version: "2.0",
    routeKey,
    rawPath,
    rawQueryString,
    headers: { host, ...headers },
    ...(rawQueryString === "" ? {} : { queryStringParameters: query }),
    ...(Object.keys(route.params).length === 0 ? {} : { pathParameters: route.params }),
    requestContext: {
      accountId: "",
      apiId: "",
      domainName: hostname,
      domainPrefix: hostname.split(".", 1)[0] ?? "",
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "", userAgent: "" },
      requestId: "",
      routeKey,
      stage: "$default",
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
    ...(body === undefined ? {} : { body }),
    isBase64Encoded: false,
  };
}
