// Where the host differs from serverless-offline's emulation, and why: in each case it does what API Gateway and Lambda do.

import { gunzipSync } from "node:zlib";
import { INVALID_RESULTS } from "./test-functions.ts";
import type { TestReply, TestRequest } from "./test-requests.ts";

/** What {@link membersOf} makes of a reply. */
export type ReplyMembers = Readonly<Record<string, unknown>>;

export interface Exchange {
  readonly request: TestRequest;
  readonly host: ReplyMembers;
  readonly offline: ReplyMembers;
}

export interface Difference {
  /** Names of the members that may differ. */
  readonly at: RegExp;
  readonly because: string;
  /** Whether the host's value is what it has to be there. */
  readonly holds: (value: unknown, exchange: Exchange, name: string) => boolean;
}

/** Of a connection, not of a reply. */
const CONNECTION = new Set(["date", "keep-alive", "connection"]);

/** The members of a reply, of an echoed event one by one: `event.headers.host`. Lists are JSON; random ids are blanked. */
export function membersOf({ status, headers, body }: TestReply): ReplyMembers {
  const members: Record<string, unknown> = { status };
  for (const [name, value] of Object.entries(headers)) {
    if (CONNECTION.has(name)) continue;
    members[`headers.${name}`] = name === "traceparent" ? "some" : value;
  }
  const bytes = headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
  const text = bytes.toString("latin1").replace(/"trace_id":"[\da-f]{32}"/, '"trace_id":"some"');
  if (text.startsWith('{"event":') && text.endsWith("}")) spread("", JSON.parse(bytes.toString()), members);
  else members["body"] = text;
  return members;
}

function spread(at: string, value: unknown, into: Record<string, unknown>): void {
  if (typeof value !== "object" || value === null) into[at] = value;
  else if (Array.isArray(value)) into[at] = JSON.stringify(value);
  else
    for (const [name, member] of Object.entries(value)) {
      spread(at === "" ? name : `${at}.${name}`, member, into);
    }
}

const queryOf = ({ target }: TestRequest): string => target.split("?").slice(1).join("?");
const pathOf = ({ target }: TestRequest): string => target.split("?")[0] ?? "";
/** The function's result that the request asks for, if any. */
const resultOf = (request: TestRequest): string =>
  decodeURIComponent(/^\/results\/([^/]+)/.exec(pathOf(request))?.[1] ?? "");

/** The values of a header as they were sent. */
function sentValues({ headers }: TestRequest, name: string): readonly string[] {
  const values: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]?.toLowerCase() === name) values.push(headers[at + 1] ?? "");
  }
  return values;
}

const asLatin1 = (text: string | undefined): string => Buffer.from(text ?? "").toString("latin1");

export const DIFFERENCES: readonly Difference[] = [
  {
    at: /./,
    because: "API Gateway sends no part of a reply for `Range`, as hapi does",
    holds: (_, { host, offline }) => offline["status"] === 206 && host["status"] === 200,
  },
  {
    at: /./,
    because:
      "preconditions are evaluated by functions alone, which know their revisions; hapi compares texts",
    holds: (_, { request, host, offline }) =>
      resultOf(request) === "tagged" && offline["status"] === 304 && host["status"] === 200,
  },
  {
    at: /./,
    because:
      "a result that is no reply is a 500; serverless-offline sends what it can, or a 502, or hapi's own 500",
    holds: (_, { request, host }) => INVALID_RESULTS.includes(resultOf(request)) && host["status"] === 500,
  },
  {
    at: /./,
    because: "a result that is null is JSON without a status code; serverless-offline fails",
    holds: (_, { request, host, offline }) =>
      ["null", "nothing"].includes(resultOf(request)) && host["status"] === 200 && offline["status"] === 500,
  },
  {
    at: /./,
    because:
      "the server frames a reply, whatever the function says of its length; serverless-offline sends no HTTP",
    holds: (_, { request, host, offline }) =>
      resultOf(request) === "framing of its own" && host["status"] === 200 && offline["status"] === 0,
  },
  {
    at: /^headers\.(cache-control|accept-ranges|vary|content-encoding|transfer-encoding)$/,
    because: "HTTP APIs do not compress, and add no headers of hapi's",
    holds: (value) => value === undefined,
  },
  {
    at: /^headers\.content-length$/,
    because: "hapi compresses the reply, or leaves its length out",
    holds: (value, { offline }) => offline["headers.content-length"] === undefined && Number(value) >= 0,
  },
  {
    at: /^headers\.content-length$/,
    because: "the reply is an event that differs",
    holds: (value, { request, host }) =>
      Number(value) > 0 &&
      (host["event.version"] === "2.0" || (request.method === "HEAD" && resultOf(request) === "")),
  },
  {
    at: /^headers\.content-length$/,
    because: "a reply without a body by its status has no length (RFC 9110, 8.6)",
    holds: (value, { host }) => value === undefined && [204, 304].includes(Number(host["status"])),
  },
  {
    at: /^headers\.content-type$/,
    because: "hapi adds a charset; the function's own type is sent",
    holds: (value, { offline }) => offline["headers.content-type"] === `${String(value)}; charset=utf-8`,
  },
  {
    at: /^headers\.content-type$/,
    because: "without a type a text is text/plain, not JSON",
    holds: (value, { request }) =>
      value === "text/plain; charset=utf-8" && !["text alone"].includes(resultOf(request)),
  },
  {
    at: /^headers\.content-type$/,
    because: "a reply without a body has no type but the function's own",
    holds: (value, { host }) => value === undefined && (host["body"] === "" || host["status"] === 204),
  },
  {
    at: /^headers\.content-type$/,
    because: "a type is kept where there is no body",
    holds: (value, { request }) => value === "application/json" && resultOf(request) === "empty",
  },
  {
    at: /^headers\.content-type$/,
    because: "of bytes, too, a type is the function's own",
    holds: (value, { request }) =>
      value === "text/plain; charset=utf-8" && resultOf(request) === "broken base64",
  },
  {
    at: /^headers\.set-cookie$/,
    because: "cookies are sent as the function wrote them; hapi writes them anew",
    holds: (value, { request }) =>
      value === (resultOf(request) === "cookies" ? "a=1; Path=/; HttpOnly\nb=2" : "a=1"),
  },
  {
    at: /^headers\.x-many$/,
    because: "payload 2.0 has no `multiValueHeaders`",
    holds: (value) => value === undefined,
  },
  {
    at: /^event\.(rawPath|requestContext\.http\.path)$/,
    because: "the path is decoded, and has its slash at the end",
    holds: (value, { request }) => value === decodeURIComponent(pathOf(request)),
  },
  {
    at: /^event\.rawQueryString$/,
    because: "the query is as it was sent; serverless-offline writes it anew",
    holds: (value, { request }) => value === queryOf(request),
  },
  {
    at: /^event\.queryStringParameters\.(a|__proto__|constructor)$/,
    because:
      "every value of a repeated name counts, an empty one too, and any name; serverless-offline mixes in `Object`'s",
    holds: (value, { request }, name) =>
      value === new URLSearchParams(queryOf(request)).getAll(name.split(".")[2] ?? "").join(","),
  },
  {
    at: /^event\.headers\./,
    because: "the values of a repeated header are joined; serverless-offline keeps the last",
    holds: (value, { request }, name) => {
      const values = sentValues(request, name.slice("event.headers.".length));
      return values.length > 1 && value === asLatin1(values.join(","));
    },
  },
  {
    at: /^event\.headers\.cookie$/,
    because: "cookies are in `cookies`, not among the headers",
    holds: (value) => value === undefined,
  },
  {
    at: /^event\.cookies$/,
    because: "cookies are in `cookies`, where serverless-offline has none",
    holds: (value, { request }) =>
      value === JSON.stringify(sentValues(request, "cookie").join("; ").split("; ")),
  },
  {
    at: /^event\.(body|isBase64Encoded)$/,
    because: "a body of GET is passed on; hapi does not read it",
    holds: (_, { request }) => request.method === "GET" && request.body !== undefined,
  },
  {
    at: /^event\.requestContext\.(accountId|apiId|domainName|domainPrefix|requestId)$/,
    because:
      "the host names the domain asked for, and each request by an id; serverless-offline has constants",
    holds: (value, { offline }, name) =>
      typeof value === "string" && String(offline[name]).startsWith("offlineContext_"),
  },
  {
    at: /^event\.(requestContext\.)?routeKey$/,
    because: "with and without its slash at the end a path is deployed as two routes",
    holds: (value, { request, offline }) =>
      !pathOf(request).endsWith("/") && `${String(value)}/` === offline["event.routeKey"],
  },
  {
    at: /^event\.requestContext\.(time|timeEpoch)$/,
    because: "each request has its own time",
    holds: (value) => /^(\d{2}\/[A-Z][a-z]{2}\/\d{4}(:\d{2}){3} \+0000|\d{13})$/.test(String(value)),
  },
  {
    at: /^context\.(clientContext|identity|done|fail|succeed)$/,
    because: "Node 24 on Lambda has no callbacks, and invocations by HTTP have no client context",
    holds: (value) => value === undefined,
  },
  {
    at: /^context\.(invokedFunctionArn|logGroupName|logStreamName)$/,
    because: "names are in AWS's form",
    holds: (value) => /^(arn:aws:lambda:|\/aws\/lambda\/|local$)/.test(String(value)),
  },
];
