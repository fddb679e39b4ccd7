// A small service for tests of the HTTP layer, and events as API Gateway would send them.

import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import * as z from "zod";
import { type Contract, defineRoute } from "../contract/route.ts";
import { idParams, pageQuery, text } from "../contract/schemas.ts";
import type { HttpHandler } from "./handler.ts";

const thing = z.object({ name: z.string() });

export const things = {
  service: "ThingService",
  title: "Things",
  description: "",
  basePath: "/api/things",
  routes: {
    createThing: defineRoute({
      id: "createThing",
      method: "POST",
      path: "/api/things/",
      summary: "",
      access: "user",
      body: z.strictObject({ name: text(10), tags: z.array(z.string()).optional() }),
      idempotent: true,
      replies: { 201: { description: "", schema: thing } },
    }),
    listThings: defineRoute({
      id: "listThings",
      method: "GET",
      path: "/api/things/",
      summary: "",
      access: "user",
      query: z.strictObject({ ...pageQuery() }),
      replies: { 200: { description: "", schema: thing } },
    }),
    updateThing: defineRoute({
      id: "updateThing",
      method: "PUT",
      path: "/api/things/{id}/",
      summary: "",
      access: "user",
      params: idParams,
      body: z.strictObject({}),
      versioned: true,
      replies: { 200: { description: "", schema: thing } },
    }),
    receive: defineRoute({
      id: "receive",
      method: "POST",
      path: "/api/things/callback/",
      summary: "",
      access: "signed",
      replies: { 200: { description: "", schema: thing } },
    }),
    simulate: defineRoute({
      id: "simulate",
      method: "POST",
      path: "/api/things/simulate/",
      summary: "",
      access: "public",
      debugOnly: true,
      replies: { 200: { description: "", schema: thing } },
    }),
    readInternal: defineRoute({
      id: "readInternal",
      method: "GET",
      path: "/internal/things.json",
      summary: "",
      access: "service",
      callers: ["OrderService"],
      replies: { 200: { description: "", schema: thing } },
    }),
  },
} satisfies Contract;

export interface TestRequest {
  readonly method?: string;
  readonly path?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is, anything else as JSON; undefined for none. */
  readonly body?: unknown;
  readonly base64?: boolean;
}

/** An event of API Gateway's payload 2.0. Headers are those of a JSON request to this machine, and what is given. */
export function httpEvent(request: TestRequest = {}): APIGatewayProxyEventV2 {
  const { method = "POST", path = "/api/things/", params, query, body, base64 = false } = request;
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: new URLSearchParams(query).toString(),
    headers: { host: "localhost:8001", "content-type": "application/json", ...request.headers },
    requestContext: {
      accountId: "",
      apiId: "",
      domainName: "localhost",
      domainPrefix: "",
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "" },
      requestId: "",
      routeKey: "$default",
      stage: "$default",
      time: "",
      timeEpoch: 0,
    },
    isBase64Encoded: base64,
    ...(params === undefined ? {} : { pathParameters: params }),
    ...(query === undefined ? {} : { queryStringParameters: query }),
    ...(text === undefined ? {} : { body: text }),
  };
}

export const context: Context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: "test",
  functionVersion: "1",
  invokedFunctionArn: "",
  memoryLimitInMB: "128",
  awsRequestId: "request-1",
  logGroupName: "",
  logStreamName: "",
  getRemainingTimeInMillis: () => 10_000,
  done() {},
  fail() {},
  succeed() {},
};

export interface TestReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // Tests assert on what they read, field by field.
  // biome-ignore lint/suspicious/noExplicitAny: the body of any route.
  readonly body: any;
}

/** Sends a request to `handler`; JSON bodies come back parsed. */
export async function send(handler: HttpHandler, request: TestRequest = {}): Promise<TestReply> {
  const { statusCode = 0, headers = {}, body = "" } = await handler(httpEvent(request), context);
  const texts = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  const json = texts["content-type"]?.includes("json");
  return { status: statusCode, headers: texts, body: json ? JSON.parse(body) : body };
}
