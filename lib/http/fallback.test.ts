import { beforeAll, describe, expect, test } from "@jest/globals";
import { setLogSink } from "../observability/log.ts";
import { fallbackHandler } from "./fallback.ts";
import { send, things } from "./test-things.ts";

beforeAll(() => {
  Object.assign(process.env, { SECRET_KEY: "a secret of this test and nothing else", DEBUG: "False" });
});

const fallback = fallbackHandler(things);

describe("what no route takes", () => {
  test.each([
    "/",
    "/api/thing",
    "/api/things/a/b/",
    "/API/things/",
    "/internal/thingsXjson",
    "/%00",
    "/api/things/../x/y",
  ])("is a 404 problem for %p", async (path) => {
    const answer = await send(fallback, { method: "GET", path });
    expect([answer.status, answer.body.code]).toEqual([404, "route_unknown"]);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
  });

  test.each([
    ["PATCH", "/api/things/", "POST, GET"],
    ["DELETE", "/api/things", "POST, GET"],
    ["GET", "/api/things/some-id/", "PUT"],
    ["POST", "/internal/things.json", "GET"],
    ["QUERY", "/api/things", "POST, GET"],
    ["GET", "/api/things/callback/", "POST"],
  ])("is a 405 for %s %s, which takes %s", async (method, path, allow) => {
    const answer = await send(fallback, { method, path });
    expect([answer.status, answer.body.code, answer.headers["allow"]]).toEqual([
      405,
      "method_not_allowed",
      allow,
    ]);
  });

  test("a route of DEBUG's is not betrayed without it", async () => {
    const answer = await send(fallback, { method: "GET", path: "/api/things/simulate/" });
    // The path could be a thing's, whose id happens to be "simulate".
    expect(answer.headers["allow"]).toBe("PUT");
  });
});

test("its log line shows no address, name or token that stood in the path", async () => {
  const lines: string[] = [];
  const before = globalThis.cfmpOrderLogSink;
  setLogSink((_, line) => lines.push(line));
  const token = `eyJhbGciOiJIUzI1NiJ9.${"a".repeat(60)}`;
  await send(fallback, { method: "GET", path: `/api/thing/alice@shop.example/%E5%BC%A0/${token}/` });
  globalThis.cfmpOrderLogSink = before;
  expect(lines.map((line) => JSON.parse(line).path)).toEqual(["/api/thing/_/_/_/"]);
});
