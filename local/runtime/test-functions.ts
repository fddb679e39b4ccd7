// Functions for tests of what is between a request and a function: one tells what it was given, one gives odd results.

import type { APIGatewayProxyEventV2, Context } from "aws-lambda";

/** Replies with the event, and with what its context says. */
export async function echo(event: APIGatewayProxyEventV2, context: Context) {
  const told = { awsRequestId: "", onHangUp: undefined, ...described(context) };
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ event, context: told }),
  };
}

/** The members of `context`; of functions, and of ids, their types. */
function described(context: object): Record<string, unknown> {
  const names = [...Object.keys(context), "getRemainingTimeInMillis", "onHangUp"];
  return Object.fromEntries(
    names.map((name) => {
      const value: unknown = Reflect.get(context, name);
      return [name, typeof value === "function" || name === "awsRequestId" ? typeof value : value];
    }),
  );
}

const text = "price 价格, ".repeat(200);
const circular: Record<string, unknown> = {};
circular["itself"] = circular;

const throws = (reason: unknown) => (): never => {
  throw reason;
};

/** What {@link result} gives, by name. */
export const RESULTS: Readonly<Record<string, () => unknown>> = {
  plain: () => ({ statusCode: 200, headers: { "content-type": "text/plain" }, body: "plain" }),
  created: () => ({ statusCode: 201, headers: { "content-type": "application/json" }, body: '{"a":1}' }),
  untyped: () => ({ statusCode: 200, body: "untyped" }),
  bare: () => ({ statusCode: 200 }),
  empty: () => ({ statusCode: 200, headers: { "content-type": "application/json" }, body: "" }),
  "null body": () => ({ statusCode: 200, body: null }),
  wide: () => ({ statusCode: 200, headers: { "content-type": "application/json" }, body: '"张三 🙂"' }),
  long: () => ({
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(text),
  }),
  "long html": () => ({
    statusCode: 200,
    headers: { "content-type": "text/html; charset=utf-8" },
    body: text,
  }),
  "upper case": () => ({
    statusCode: 200,
    headers: { "Content-Type": "text/csv", "X-Own": "A" },
    body: "a,b",
  }),
  problem: () => ({
    statusCode: 404,
    headers: { "content-type": "application/problem+json" },
    body: '{"code":"x"}',
  }),
  unavailable: () => ({ statusCode: 503, headers: { "retry-after": 1 }, body: "later" }),
  "no content": () => ({ statusCode: 204 }),
  "no content with a body": () => ({ statusCode: 204, body: "ignored" }),
  "not modified": () => ({ statusCode: 304, headers: { etag: '"7"' } }),
  tagged: () => ({ statusCode: 200, headers: { etag: '"7"', "content-type": "text/plain" }, body: "7" }),
  moved: () => ({ statusCode: 302, headers: { location: "/elsewhere/" } }),
  kept: () => ({
    statusCode: 200,
    headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" },
  }),
  "not text": () => ({
    statusCode: 200,
    headers: { "content-type": "image/png" },
    body: "/9j/4A==",
    isBase64Encoded: true,
  }),
  "long bytes": () => ({
    statusCode: 200,
    headers: { "content-type": "application/octet-stream" },
    body: Buffer.alloc(3_000, 0xfe).toString("base64"),
    isBase64Encoded: true,
  }),
  "broken base64": () => ({ statusCode: 200, body: "!!!", isBase64Encoded: true }),
  cookies: () => ({ statusCode: 200, cookies: ["a=1; Path=/; HttpOnly", "b=2"], body: "set" }),
  "cookie in a header": () => ({ statusCode: 200, headers: { "set-cookie": "a=1" }, body: "set" }),
  "numbers in headers": () => ({ statusCode: 200, headers: { "x-number": 7, "x-truth": true }, body: "x" }),
  "framing of its own": () => ({
    statusCode: 200,
    headers: { "content-length": "3", "transfer-encoding": "chunked", connection: "close", "x-own": "1" },
    body: "longer than it says",
  }),
  "many values": () => ({ statusCode: 200, multiValueHeaders: { "x-many": ["1", "2"] }, body: "x" }),
  "text alone": () => "text alone",
  "object alone": () => ({ a: 1, b: ["张三"] }),
  "list alone": () => [1, 2],
  "number alone": () => 42,
  "truth alone": () => true,
  "object with an undefined status": () => ({ statusCode: undefined, a: 1 }),
  null: () => null,
  nothing: () => undefined,
  "status as text": () => ({ statusCode: "200", body: "x" }),
  "status null": () => ({ statusCode: null, body: "x" }),
  "status 0": () => ({ statusCode: 0, body: "x" }),
  "status 99": () => ({ statusCode: 99, body: "x" }),
  "status 1000": () => ({ statusCode: 1000, body: "x" }),
  "status 200.5": () => ({ statusCode: 200.5, body: "x" }),
  "body that is an object": () => ({ statusCode: 200, body: { a: 1 } }),
  "body that is a number": () => ({ statusCode: 200, body: 1 }),
  "header that is null": () => ({ statusCode: 200, headers: { "x-null": null }, body: "x" }),
  "header that is undefined": () => ({ statusCode: 200, headers: { "x-undefined": undefined }, body: "x" }),
  "header that is a list": () => ({ statusCode: 200, headers: { "x-list": ["1", "2"] }, body: "x" }),
  "header with a line break": () => ({
    statusCode: 200,
    headers: { "x-break": "a\r\nx-more: 1" },
    body: "x",
  }),
  "header beyond Latin-1": () => ({ statusCode: 200, headers: { "x-name": "张三" }, body: "x" }),
  "header without a name": () => ({ statusCode: 200, headers: { "": "1" }, body: "x" }),
  "header with a broken name": () => ({ statusCode: 200, headers: { "x y": "1" }, body: "x" }),
  "headers that are a text": () => ({ statusCode: 200, headers: "x: 1", body: "x" }),
  "cookies that are a text": () => ({ statusCode: 200, cookies: "a=1", body: "x" }),
  circular: () => circular,
  bigint: () => ({ total: 1n }),
  "throws an error": throws(new Error("inside")),
  "throws a status": throws(new Error("[404] inside")),
  "throws a text": throws("inside"),
  "throws nothing": throws(undefined),
};

/** Those of {@link RESULTS} that are no reply. */
export const INVALID_RESULTS: readonly string[] = [
  "status as text",
  "status null",
  "status 0",
  "status 99",
  "status 1000",
  "status 200.5",
  "body that is an object",
  "body that is a number",
  "header that is null",
  "header that is a list",
  "header with a line break",
  "header beyond Latin-1",
  "header without a name",
  "header with a broken name",
  "headers that are a text",
  "cookies that are a text",
  "circular",
  "bigint",
];

/** Gives the result that the path names. */
export async function result({ pathParameters }: APIGatewayProxyEventV2): Promise<unknown> {
  return RESULTS[pathParameters?.["name"] ?? ""]?.();
}
