// The host alone, without serverless-offline: as a server would run it.

import { connect } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { until } from "../../tests/support/poll.ts";
import { loopbackNames } from "../shared/listener/hosts.ts";
import { type HttpListener, httpListener } from "../shared/listener/http-server.ts";
import { createHost } from "./host.ts";
import { routeFinder } from "./routes.ts";

interface Heard {
  readonly event: APIGatewayProxyEventV2;
  readonly context: Context & { onHangUp(listener: () => void): void };
}

let listener: HttpListener;
afterEach(() => listener.close(100));

/** Serves `routeKeys` by `work`; the other requests get 418. */
async function serve(work: (heard: Heard) => unknown, ...routeKeys: readonly string[]) {
  const heard: Heard[] = [];
  const reports: unknown[] = [];
  const target = {
    name: "project-dev-function",
    timeoutMs: 3_000,
    memoryMb: 256,
    // biome-ignore lint/suspicious/noExplicitAny: a handler takes its event as it is
    invoke: async (event: any, context: any) => {
      heard.push({ event, context });
      return work({ event, context });
    },
    report: (error: unknown) => void reports.push(error),
  };
  const host = createHost(routeFinder(routeKeys.map((routeKey) => ({ routeKey, target }))));
  listener = httpListener(
    { reach: "loopback", hosts: loopbackNames, origins: [], maxBodyBytes: 100_000 },
    (request, response) => {
      if (!host(request, response)) response.writeHead(418).end();
    },
  );
  const port = await listener.open({ host: "127.0.0.1", port: 0 });
  return { heard, reports, port, url: `http://127.0.0.1:${port}` };
}

const done = () => ({ statusCode: 200, body: "done" });

describe("an event", () => {
  test("is API Gateway's, of payload format 2.0", async () => {
    const { heard, url, port } = await serve(done, "POST /things/{id}/");
    await fetch(`${url}/things/a%20b/?x=1&x=2&y=%20+`, {
      method: "POST",
      headers: { "content-type": "application/json", cookie: "a=1; b=2", "user-agent": "test", "X-Own": "1" },
      body: '{"a":"张"}',
    });
    const [{ event, context } = { event: undefined, context: undefined }] = heard;
    expect(event).toEqual({
      version: "2.0",
      routeKey: "POST /things/{id}/",
      rawPath: "/things/a b/",
      rawQueryString: "x=1&x=2&y=%20+",
      cookies: ["a=1", "b=2"],
      headers: expect.objectContaining({ host: `127.0.0.1:${port}`, "x-own": "1", "content-length": "11" }),
      queryStringParameters: { x: "1,2", y: "  " },
      pathParameters: { id: "a b" },
      body: '{"a":"张"}',
      isBase64Encoded: false,
      requestContext: {
        accountId: "anonymous",
        apiId: "local",
        domainName: "127.0.0.1",
        domainPrefix: "127",
        http: {
          method: "POST",
          path: "/things/a b/",
          protocol: "HTTP/1.1",
          sourceIp: "127.0.0.1",
          userAgent: "test",
        },
        requestId: context?.awsRequestId,
        routeKey: "POST /things/{id}/",
        stage: "$default",
        time: expect.stringMatching(/^\d{2}\/[A-Z][a-z]{2}\/\d{4}(:\d{2}){3} \+0000$/),
        timeEpoch: expect.any(Number),
      },
    });
    expect(event?.headers).not.toHaveProperty("cookie");
    expect(context).toMatchObject({
      functionName: "project-dev-function",
      memoryLimitInMB: "256",
      awsRequestId: expect.stringMatching(/^[\da-f-]{36}$/),
    });
    expect(context?.getRemainingTimeInMillis()).toBeLessThanOrEqual(3_000);
  });

  test("leaves out what the request does not have", async () => {
    const { heard, url } = await serve(done, "GET /things/");
    await fetch(`${url}/things/?`);
    const names = [
      "headers",
      "isBase64Encoded",
      "rawPath",
      "rawQueryString",
      "requestContext",
      "routeKey",
      "version",
    ];
    expect(Object.keys(heard[0]?.event ?? {}).sort()).toEqual(names);
  });
});

describe("a reply", () => {
  test("has no body for HEAD, and the length that GET has", async () => {
    const { heard, url } = await serve(done, "GET /a/");
    const reply = await fetch(`${url}/a/`, { method: "HEAD" });
    expect([reply.status, reply.headers.get("content-length"), await reply.text()]).toEqual([200, "4", ""]);
    expect(heard[0]?.event.requestContext.http.method).toBe("HEAD");
  });

  test.each([204, 304])("has no body with %i", async (statusCode) => {
    const { url } = await serve(() => ({ statusCode, body: "x" }), "GET /a/");
    const reply = await fetch(`${url}/a/`);
    expect([reply.status, reply.headers.get("content-length"), await reply.text()]).toEqual([
      statusCode,
      null,
      "",
    ]);
    expect((await fetch(`${url}/a/`)).status).toBe(statusCode);
  });

  test("comes from $default for what no route matches", async () => {
    const { heard, url } = await serve(done, "GET /a/", "$default");
    expect((await fetch(`${url}/b/?c=d`, { method: "DELETE" })).status).toBe(200);
    expect(heard[0]?.event).toMatchObject({ routeKey: "$default", rawPath: "/b/", rawQueryString: "c=d" });
  });

  test("is left to others for what no route matches", async () => {
    const { heard, url } = await serve(done, "GET /a/");
    expect((await fetch(`${url}/b/`)).status).toBe(418);
    expect((await fetch(`${url}/a/`, { method: "POST" })).status).toBe(418);
    expect(heard).toEqual([]);
  });

  test("is a problem for a path that can't be read", async () => {
    const { url } = await serve(done, "GET /a/{id}");
    const reply = await fetch(`${url}/a/%ff`);
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ code: "bad_request", trace_id: expect.any(String) });
  });
});

describe("a function that fails", () => {
  const failing = (result: unknown) => () => {
    if (result instanceof Error) throw result;
    return result;
  };

  test.each<[string, unknown]>([
    ["throws", new Error("inside")],
    ["gives no status", { statusCode: "inside" }],
    [
      "gives a header that can't be sent",
      { statusCode: 200, headers: { x: "a\r\nb: inside" }, body: "inside" },
    ],
    ["gives a header without a name", { statusCode: 200, headers: { "": "inside" } }],
  ])("is a 500 that says nothing of the inside, and is reported: %s", async (_, result) => {
    const { reports, url } = await serve(failing(result), "GET /a/");
    const traceparent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";
    const reply = await fetch(`${url}/a/`, { headers: { traceparent } });
    const text = await reply.text();
    expect(reply.status).toBe(500);
    expect(reply.headers.get("content-type")).toBe("application/problem+json");
    expect(JSON.parse(text)).toMatchObject({
      status: 500,
      code: "internal",
      trace_id: traceparent.slice(3, 35),
    });
    expect(text).not.toContain("inside");
    expect(reports).toHaveLength(1);
  });
});

describe("a client that hangs up", () => {
  test("while its function works is heard of by the function", async () => {
    const events: string[] = [];
    const { heard, port } = await serve(({ context }) => {
      context.onHangUp(() => events.push("hung up"));
      return new Promise(() => {});
    }, "GET /a/");
    const socket = connect(port, "127.0.0.1", () =>
      socket.write("GET /a/ HTTP/1.1\r\nhost: localhost\r\n\r\n"),
    );
    await until("the function works", () => heard.length === 1);
    socket.destroy();
    await until("it has heard", () => events.length === 1);
  });

  test("in the middle of its body invokes no function", async () => {
    const { heard, port, url } = await serve(done, "POST /a/", "GET /b/");
    const socket = connect(port, "127.0.0.1", () =>
      socket.write("POST /a/ HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\nhalf"),
    );
    await until("it has begun", () => listener.underWay() === 1);
    socket.destroy();
    await until("it has ended", () => listener.underWay() === 0);
    expect((await fetch(`${url}/b/`)).status).toBe(200);
    expect(heard.map(({ event }) => event.rawPath)).toEqual(["/b/"]);
  });
});

test("a body beyond the listener's limit is refused by its guard, and invokes no function", async () => {
  const { heard, url } = await serve(done, "POST /a/");
  const sizes = await Promise.all(
    [100_000, 100_001].map((size) => fetch(`${url}/a/`, { method: "POST", body: "x".repeat(size) })),
  );
  expect(sizes.map(({ status }) => status)).toEqual([200, 413]);
  expect(heard).toHaveLength(1);
});
