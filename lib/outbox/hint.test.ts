import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { hintAfter, hintTo } from "./hint.ts";
import { enqueue, type Outbox } from "./outbox.ts";
import type { Relay } from "./relay.ts";

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
    FUNCTION_PREFIX: "shop-dev-",
    LOG_LEVEL: "silent",
  });
});
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});

/** A hint at the relay of orders, and the ids that a relay of this process got. */
function ordersHint() {
  const relayed: string[] = [];
  const relay: Relay = {
    relay: async (id) => {
      relayed.push(id);
    },
    sweep: async () => 0,
  };
  return { hint: hintTo("OrderService", "orders-relay", () => relay), relayed };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe("on AWS a hint", () => {
  test("invokes the relay function asynchronously, signed", async () => {
    await ordersHint().hint("id-1", "trace");
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
    const { hint, relayed } = ordersHint();
    await hint("id-1", "trace");
    await nextTurn();
    expect(relayed).toEqual([]);
    expect(invocations).toHaveLength(1);
  });

  test.each([500, 429, 403])("that Lambda answers with %p fails nothing", async (answer) => {
    status = answer;
    await expect(ordersHint().hint("id-1", "trace")).resolves.toBeUndefined();
    expect(invocations).toHaveLength(1);
  });

  test("that reaches nobody fails nothing", async () => {
    process.env["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1";
    await expect(ordersHint().hint("id-1", "trace")).resolves.toBeUndefined();
  });

  test("without a prefix does nothing", async () => {
    process.env["FUNCTION_PREFIX"] = "";
    await ordersHint().hint("id-1", "trace");
    expect(invocations).toEqual([]);
  });
});

describe("on the laptop a hint", () => {
  beforeEach(() => {
    process.env["IS_OFFLINE"] = "true";
  });

  test("reaches the relay of this process, after the caller went on, though the prefix is set", async () => {
    const { hint, relayed } = ordersHint();
    await hint("id-1", "trace");
    expect(relayed).toEqual([]);
    await nextTurn();
    expect(relayed).toEqual(["id-1"]);
    expect(invocations).toEqual([]);
  });

  test("at a relay that can't be made fails nothing", async () => {
    const hint = hintTo("OrderService", "orders-relay", () => {
      throw new Error("SECRET_KEY is missing");
    });
    await expect(hint("id-1", "trace")).resolves.toBeUndefined();
  });
});

describe("after a write a hint is given", () => {
  const waiting = enqueue([], "event-1", {}, 0);
  interface Write {
    readonly outbox: Outbox<unknown>;
    readonly before?: Outbox<unknown>;
    readonly changed: boolean;
    readonly otherWork?: boolean;
  }
  test.each<[string, Write, number]>([
    ["for the event of a new aggregate", { outbox: waiting, changed: true }, 1],
    [
      "for an event that it added",
      { outbox: enqueue(waiting, "2", {}, 0), before: waiting, changed: true },
      1,
    ],
    [
      "for an event in place of another",
      { outbox: enqueue([], "2", {}, 0), before: waiting, changed: true },
      1,
    ],
    [
      "for none that was there before, of which a hint was given",
      { outbox: waiting, before: waiting, changed: true },
      0,
    ],
    ["for other work", { outbox: [], changed: true, otherWork: true }, 1],
    ["neither without any", { outbox: [], changed: true }, 0],
    ["nor when nothing was written", { outbox: waiting, changed: false, otherWork: true }, 0],
  ])("%s", async (_, { outbox, before, changed, otherWork }, times) => {
    const hints: string[][] = [];
    const hint = async (...given: string[]) => void hints.push(given);
    const write = {
      state: { outbox },
      changed,
      ...(before === undefined ? {} : { before: { outbox: before } }),
    };
    await hintAfter(hint, "id-1", write, { traceparent: "trace" }, otherWork);
    expect(hints).toEqual(Array(times).fill(["id-1", "trace"]));
  });
});
