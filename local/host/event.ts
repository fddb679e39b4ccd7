// API Gateway's event of a request, payload format 2.0.
// Source: AWS, "Create AWS Lambda proxy integrations for HTTP APIs in API Gateway".

import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { hostOfHeader } from "../../lib/core/host.ts";
import { toEventBody } from "../../lib/http/event-body.ts";
import type { RouteMatch } from "./routes.ts";

/** The path and the query of a request's target, as they were sent; the query is undefined without `?`. */
export interface Target {
  readonly rawPath: string;
  readonly rawQuery: string | undefined;
}

export function targetOf(url: string): Target {
  const at = url.indexOf("?");
  return at === -1
    ? { rawPath: url, rawQuery: undefined }
    : { rawPath: url.slice(0, at), rawQuery: url.slice(at + 1) };
}

/** What an event says of a request, besides its target and its body. */
export interface EventSource {
  readonly method: string;
  readonly httpVersion: string;
  /** By lower-case name; the event takes them over. */
  readonly headers: Headers;
  /** IP address of the client. */
  readonly address: string;
}

export const sourceOf = (request: IncomingMessage): EventSource => ({
  method: request.method ?? "GET",
  httpVersion: request.httpVersion,
  headers: headersOf(request),
  address: addressOf(request.socket.remoteAddress),
});

/** The event of a request to the route of `match`, with its whole `body`. What a request does not have is left out. */
export function toEvent(
  { method, httpVersion, headers, address }: EventSource,
  { rawQuery = "" }: Target,
  { routeKey, path, pathParameters }: Omit<RouteMatch<unknown>, "target">,
  body: Buffer,
  requestId: string,
): APIGatewayProxyEventV2 {
  const domainName = domainOf(headers["host"] ?? "");
  const now = Date.now();
  const event: APIGatewayProxyEventV2 = {
    version: "2.0",
    routeKey,
    rawPath: path,
    rawQueryString: rawQuery,
    headers,
    requestContext: {
      accountId: "anonymous",
      apiId: "local",
      domainName,
      domainPrefix: domainName.split(".", 1)[0] ?? "",
      http: {
        method,
        path,
        protocol: `HTTP/${httpVersion}`,
        sourceIp: address,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId,
      routeKey,
      stage: "$default",
      time: clfTime(now),
      timeEpoch: now,
    },
    ...toEventBody(body, headers["content-type"]),
  };
  const cookies = headers["cookie"];
  if (cookies !== undefined) {
    delete headers["cookie"];
    event.cookies = cookiesOf(cookies);
  }
  if (rawQuery !== "") event.queryStringParameters = parametersOf(rawQuery);
  if (pathParameters !== undefined) event.pathParameters = pathParameters;
  return event;
}

type Headers = Record<string, string | undefined>;

/** Header values by lower-case name; those of a repeated one are joined by commas, of cookies by semicolons. */
function headersOf({ headers, rawHeaders }: IncomingMessage): Headers {
  // As many different names as lines: no header is repeated, and Node has joined none.
  if (Object.keys(headers).length * 2 === rawHeaders.length && onlyTexts(headers)) return { ...headers };
  const texts: Headers = Object.create(null);
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? "";
    const value = rawHeaders[index + 1] ?? "";
    const before = texts[name];
    texts[name] = before === undefined ? value : `${before}${name === "cookie" ? "; " : ","}${value}`;
  }
  return texts;
}

/** Node makes a list of one header, of which a reply may have several. */
const onlyTexts = (headers: IncomingHttpHeaders): headers is Headers => headers["set-cookie"] === undefined;

const cookiesOf = (header: string): string[] =>
  header
    .split(";")
    .map((each) => each.trim())
    .filter((each) => each !== "");

/** Decoded; the values of a repeated name are joined by commas. */
function parametersOf(rawQuery: string): Record<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(values);
}

/** A listener for both families sees IPv4 clients at mapped addresses (RFC 4291, 2.5.5.2). */
const addressOf = (remote = ""): string => (remote.startsWith("::ffff:") ? remote.slice(7) : remote);

/** The name in a `Host` header. */
const domainOf = (host: string): string => hostOfHeader(host) ?? host;

let second = 0;
let secondText = "";

/** Epoch milliseconds in the Common Log Format: `28/Nov/2026:11:05:02 +0000`. */
function clfTime(now: number): string {
  const of = Math.floor(now / 1_000);
  if (of !== second) {
    const [, day, month, year, time] = new Date(now).toUTCString().split(" ");
    secondText = `${day}/${month}/${year}:${time} +0000`;
    second = of;
  }
  return secondText;
}
