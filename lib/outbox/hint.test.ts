import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { hintRelay, offerRelay } from "./hint.ts";

interface Invocation {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Lambda's Invoke, as far as hints use it. */
let lambda: Server;
let status = 202;
let invocations: Invocation[] = [];
const before = { ...process.env };

beforeAll(async () => {
  lambda = createServer((request, reply) => {
    let body = "";
    request.on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      invocations.push({ path: request.url, headers: request.headers, body });
      reply.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => lambda.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  lambda.closeAllConnections();
  lambda.close();
});

beforeEach(() => {
  const address = lambda.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  invocations = [];
  status = 202;
  Object.assign(process.env, {
    AWS_LAMBDA_FUNCTION_NAME: "shop-orders-createOrder",
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
    RELAY_FUNCTION_PREFIX: "shop-dev-",
    LOG_LEVEL: "silent",
  });
});
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});

describe("on AWS a hint", () => {
  test("invokes the relay function asynchronously, signed", async () => {
    await hintRelay("orders-relay", "id-1", "trace");
    expect(invocations).toHaveLength(1);
    expect(invocations[0]).toMatchObject({
      path: "/2015-03-31/functions/shop-dev-orders-relay/invocations",
      body: '{"id":"id-1","traceparent":"trace"}',
      headers: {
        "x-amz-invocation-type": "Event",
        authorization: expect.stringContaining("AWS4-HMAC-SHA256 Credential=key/"),
      },
    });
  });

  test("does not run a relay of this process, which is frozen as soon as it has answered", async () => {
    let ran = false;
    offerRelay("here-relay", async () => {
      ran = true;
    });
    await hintRelay("here-relay", "id-1", "trace");
    await new Promise((resolve) => setImmediate(resolve));
    expect(ran).toBe(false);
    expect(invocations).toHaveLength(1);
  });

  test.each([500, 429, 403])("that Lambda answers with %p fails nothing", async (answer) => {
    status = answer;
    await expect(hintRelay("orders-relay", "id-1", "trace")).resolves.toBeUndefined();
    expect(invocations).toHaveLength(1);
  });

  test("that reaches nobody fails nothing", async () => {
    process.env["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1";
    await expect(hintRelay("orders-relay", "id-1", "trace")).resolves.toBeUndefined();
  });

  test("without a prefix does nothing", async () => {
    process.env["RELAY_FUNCTION_PREFIX"] = "";
    await hintRelay("orders-relay", "id-1", "trace");
    expect(invocations).toEqual([]);
  });
});

test("on the laptop a relay of this process is used, though the prefix is set", async () => {
  process.env["IS_OFFLINE"] = "true";
  const ran = new Promise((resolve) => {
    offerRelay("near-relay", async (id) => resolve(id));
  });
  await hintRelay("near-relay", "id-1", "trace");
  expect(await ran).toBe("id-1");
  expect(invocations).toEqual([]);
});
