// Calls of routes that are for services only, on AWS: the route's function is invoked directly, since no route of the HTTP API
// leads to it. It gets the event that API Gateway would make of the request, and its result is the reply.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html

import type { APIGatewayProxyEventV2 } from "aws-lambda";
import * as z from "zod";
import type { AwsReply, AwsRequest } from "../../core/aws-request.ts";
import { reasonOf } from "../../core/failure-text.ts";
import { parseJson } from "../../core/tried.ts";
import { codeOf } from "../../files/system-error.ts";
import { type Attempt, AttemptFailed, type CallAttempt, watchAttempt } from "./attempt.ts";
import type { PeerReply, PeerRoute } from "./peer.ts";

export interface InvokedPeersPorts {
  /** What the names of a service's functions begin with, when they can be invoked; undefined for a service of another stack. */
  functionsOf(service: string): string | undefined;
  /** For all other requests. */
  readonly http: { send(attempt: CallAttempt): Promise<PeerReply> };
  /** By default a signed request to Lambda. */
  readonly request?: (request: AwsRequest) => Promise<AwsReply>;
  /** From 0 to 1; by default `Math.random`. */
  readonly random?: () => number;
}

const result = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  body: z.string().default(""),
  isBase64Encoded: z.boolean().default(false),
});

/** How often a request is sent at most, while nothing answers but Lambda itself or a broken connection. */
const SENDINGS = 3;
/** Before the second sending a random time of at most so many milliseconds, before the third one of twice that. */
const PAUSE_MS = 50;
/** Longer than any attempt; the attempt's own limits end it earlier. */
const LONGEST_MS = 30_000;
const NOT_CONNECTED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);
/** The request exceeds what Lambda takes (6 MB), or the reply what it passes on. */
const TOO_LARGE = 413;
const THROTTLED = 429;

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
    for (let sendings = 1; ; sendings += 1) {
      const outcome = await send(request).then((reply) => outcomeOf(name, reply), notSent);
      if (!("failure" in outcome)) return outcome.reply;
      const { failure, passing } = outcome;
      const repeatable = passing && (attempt.retryable || !failure.sent);
      if (!repeatable || sendings === SENDINGS || signal.aborted) throw failure;
      await this.#pause(PAUSE_MS * sendings, signal);
      if (signal.aborted) throw failure;
    }
  }

  /** Random, so that callers that were refused together do not return together. */
  #pause(longestMs: number, signal: AbortSignal): Promise<void> {
    const ms = (this.#ports.random ?? Math.random)() * longestMs;
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end, { once: true });
    });
  }
}

/** `passing`: the same request may succeed in a moment. */
type Outcome = { readonly reply: PeerReply } | { readonly failure: AttemptFailed; readonly passing: boolean };

const failed = (kind: AttemptFailed["kind"], sent: boolean, reason: string, passing: boolean): Outcome => ({
  failure: new AttemptFailed(kind, sent, reason),
  passing,
});

/** Often a connection that was closed while its process was frozen; nobody knows whether the function ran. */
function notSent(cause: unknown): Outcome {
  const unreachable = NOT_CONNECTED.has(codeOf(cause));
  const kind = unreachable ? "unreachable" : "broken";
  return {
    failure: new AttemptFailed(kind, !unreachable, reasonOf(cause), cause),
    passing: !unreachable,
  };
}

function outcomeOf(name: string, { status, headers, body }: AwsReply): Outcome {
  const answered = `Lambda answered ${status} for ${name}`;
  if (headers["x-amz-function-error"] !== undefined) return failed("broken", true, `${name} failed`, false);
  if (status >= 500) return failed("broken", true, answered, true);
  if (status === THROTTLED) return failed("unreachable", false, answered, true);
  // As API Gateway would: no other attempt helps, so it is the peer's refusal.
  if (status === TOO_LARGE) return { reply: { status, headers: {}, body: "" } };
  // Not allowed, or no such function: nothing ran.
  if (status !== 200) return failed("unreachable", false, answered, false);
  const { data } = result.safeParse(parseJson(body));
  if (data === undefined) return failed("broken", true, `${name} gave no reply`, false);
  const entries = Object.entries(data.headers).map(([header, value]) => [
    header.toLowerCase(),
    String(value),
  ]);
  const reply = {
    status: data.statusCode,
    headers: Object.fromEntries(entries),
    body: data.isBase64Encoded ? Buffer.from(data.body, "base64").toString("utf8") : data.body,
  };
  return { reply };
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
