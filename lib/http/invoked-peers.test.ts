// A call by HTTP and the same call by invocation: what the peer gets and what the caller gets are the same.

import { createServer, type IncomingMessage, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import * as z from "zod";
import { listen } from "../../tests/support/free-ports.ts";
import { type HandlerServer, serveHandlers } from "../../tests/support/handler-server.ts";
import { silentLog } from "../../tests/support/silent-log.ts";
import { createTokens } from "../auth/tokens.ts";
import { createClient, PeerRefusal } from "../contract/client.ts";
import { type Contract, defineRoute } from "../contract/route.ts";
import { conflict } from "../core/domain-error.ts";
import { openScope } from "../core/scope.ts";
import { createDiscovery, type Discovery } from "../discovery/index.ts";
import { type HttpHandler, httpHandler } from "./handler.ts";
import { reply } from "./reply.ts";
import { context } from "./test-things.ts";

const seen = z.object({
  id: z.string(),
  q: z.string().optional(),
  name: z.string().optional(),
  from: z.string(),
});

const contract = {
  service: "ThingService",
  title: "",
  description: "",
  basePath: "/api/things",
  routes: {
    readThing: defineRoute({
      id: "readThing",
      method: "GET",
      path: "/internal/things/{id}/",
      summary: "",
      access: "service",
      callers: ["OrderService"],
      params: z.object({ id: z.string() }),
      query: z.object({ q: z.string().optional() }),
      replies: { 200: { description: "", schema: seen } },
    }),
    changeThing: defineRoute({
      id: "changeThing",
      method: "POST",
      path: "/internal/things/{id}/changes/",
      summary: "",
      access: "service",
      callers: ["OrderService", "PaymentService"],
      params: z.object({ id: z.string() }),
      body: z.object({ name: z.string().max(20) }),
      replies: { 200: { description: "", schema: seen }, 204: { description: "" } },
    }),
  },
} satisfies Contract;
const { readThing, changeThing } = contract.routes;

const SECRET_KEY = "k".repeat(40);
const tokens = createTokens({ SECRET_KEY, TOKEN_AUDIENCE: "cfmp-order" });
let runs: number;

const handlers: Readonly<Record<string, HttpHandler>> = {
  readThing: httpHandler(contract, readThing, async ({ params, query, caller }) => {
    runs += 1;
    return reply(200, { id: params.id, ...query, from: caller.kind === "service" ? caller.name : "" });
  }),
  changeThing: httpHandler(contract, changeThing, async ({ params, body, caller }) => {
    runs += 1;
    if (body.name === "conflict") throw conflict("thing_taken", "It is taken.");
    if (body.name === "broken") throw new Error("a fault of this handler");
    if (body.name === "nothing") return reply(204, undefined);
    return reply(200, { id: params.id, name: body.name, from: caller.kind === "service" ? caller.name : "" });
  }),
};

const before = { ...process.env };
let served: HandlerServer;
let lambda: Server;
let faults: ((
  request: IncomingMessage,
) => "close" | { status: number; body: string; error?: string } | undefined)[];
let names: string[];
const opened: Discovery[] = [];

beforeEach(async () => {
  runs = 0;
  faults = [];
  names = [];
  served = await serveHandlers(
    Object.values(contract.routes).map((route) => ({ route, handler: handlers[route.id] ?? never })),
  );
  lambda = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on("data", (chunk: Buffer) => chunks.push(chunk))
      .on("end", async () => {
        const fault = faults.shift()?.(request);
        if (fault === "close") return void request.socket.destroy();
        if (fault !== undefined) {
          response
            .writeHead(fault.status, fault.error ? { "x-amz-function-error": fault.error } : {})
            .end(fault.body);
          return;
        }
        const name = decodeURIComponent(
          /\/functions\/([^/]+)\/invocations$/.exec(request.url ?? "")?.[1] ?? "",
        );
        names.push(name);
        const event: APIGatewayProxyEventV2 = JSON.parse(Buffer.concat(chunks).toString("utf8"));
        const handler = handlers[name.replace("shop-test-things-", "")] ?? never;
        response.end(JSON.stringify(await handler(event, context)));
      });
  });
  const port = await listen(lambda);
  process.env = {
    ...before,
    SECRET_KEY,
    DEBUG: "False",
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: "id",
    AWS_SECRET_ACCESS_KEY: "secret",
  };
});
afterEach(async () => {
  for (const discovery of opened.splice(0)) await discovery.close();
  await served.close();
  lambda.closeAllConnections();
  await new Promise((resolve) => lambda.close(resolve));
  process.env = before;
  jest.restoreAllMocks();
});

const never: HttpHandler = () => Promise.reject(new Error("there is no such function"));

const orderToken = (callee: string) => tokens.mintService("OrderService", callee);

function clientOf(
  way: "http" | "invocation",
  serviceToken: (callee: string) => Promise<string> = orderToken,
) {
  const settings = {
    DATA_DIR: "",
    NACOS_SERVER: undefined,
    NACOS_NAMESPACE: "public",
    NACOS_GROUP: "g",
    NACOS_CLUSTER: "c",
    NACOS_API: "auto" as const,
  };
  const discovery = createDiscovery(settings, silentLog, {
    frozen: true,
    urlOf: () => served.url,
    functionsOf: way === "http" ? undefined : () => "shop-test-things-",
  });
  opened.push(discovery);
  return createClient(contract, { call: discovery.call, serviceToken });
}

const scope = (ms = 3_000) =>
  openScope(
    "OrderService",
    "r",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    performance.now() + ms,
  );

/** What a call gives: its body, or the refusal. */
const outcome = (call: Promise<unknown>) =>
  call.then(
    (body) => ({ body }),
    (error: unknown) =>
      error instanceof PeerRefusal
        ? { status: error.status, code: error.code, detail: error.detail, retryAfter: error.retryAfter }
        : { error: String(error) },
  );

describe("by HTTP and by invocation", () => {
  type Client = ReturnType<typeof clientOf>;
  test.each<[string, (client: Client) => Promise<unknown>]>([
    ["a read", (client) => client.readThing({ params: { id: "7" } }, scope())],
    ["a query", (client) => client.readThing({ params: { id: "7" }, query: { q: "tea & milk=ü" } }, scope())],
    ["an id that is escaped", (client) => client.readThing({ params: { id: "a b/ü%" } }, scope())],
    ["a command", (client) => client.changeThing({ params: { id: "7" }, body: { name: "Tee 茶" } }, scope())],
    [
      "a reply without a body",
      (client) => client.changeThing({ params: { id: "7" }, body: { name: "nothing" } }, scope()),
    ],
    [
      "a refusal",
      (client) => client.changeThing({ params: { id: "7" }, body: { name: "conflict" } }, scope()),
    ],
    [
      "an invalid body",
      (client) => client.changeThing({ params: { id: "7" }, body: { name: "n".repeat(21) } }, scope()),
    ],
    [
      "a fault of the peer",
      (client) => client.changeThing({ params: { id: "7" }, body: { name: "broken" } }, scope()),
    ],
  ])("%s gives the same", async (_, call) => {
    const byHttp = await outcome(call(clientOf("http")));
    const runsByHttp = runs;
    expect(names).toEqual([]);
    expect(await outcome(call(clientOf("invocation")))).toEqual(byHttp);
    expect(names.length).toBeGreaterThan(0);
    expect(runs).toBe(2 * runsByHttp);
  });

  test("a caller that the route does not name, or a token for another service, is refused in the same way", async () => {
    const stranger = () => tokens.mintService("NotificationService", "ThingService");
    const elsewhere = () => tokens.mintService("OrderService", "OtherService");
    const refusals = [];
    for (const token of [stranger, elsewhere]) {
      for (const way of ["http", "invocation"] as const)
        refusals.push(await outcome(clientOf(way, token).readThing({ params: { id: "7" } }, scope())));
    }
    expect(refusals[0]).toMatchObject({ status: 403, code: "caller_not_allowed" });
    expect(refusals[1]).toEqual(refusals[0]);
    expect(refusals[2]).toMatchObject({ status: 401, code: "token_invalid" });
    expect(refusals[3]).toEqual(refusals[2]);
    expect(runs).toBe(0);
  });
});

describe("an invocation", () => {
  const read = (ms?: number) => clientOf("invocation").readThing({ params: { id: "7" } }, scope(ms));

  test("goes to the function of its route, by its name", async () => {
    await read();
    expect(names).toEqual(["shop-test-things-readThing"]);
  });

  test("finds connections closed that a frozen process had kept, and is sent again by others", async () => {
    faults = [() => "close", () => "close"];
    expect(await read()).toMatchObject({ id: "7" });
    expect(runs).toBe(1);
  });

  test("whose connections all break had perhaps an effect", async () => {
    faults = Array.from({ length: 20 }, () => () => "close" as const);
    await expect(read()).rejects.toMatchObject({ code: "peer_unavailable", maybeSent: true });
  });

  test("that Lambda throttles, or cannot do at the moment, is sent again within the same call", async () => {
    faults = [429, 503].map((status) => () => ({ status, body: "{}" }));
    expect(await read()).toMatchObject({ id: "7" });
    expect(runs).toBe(1);
  });

  test("that is not allowed, or of a function that is not there, is not sent again", async () => {
    let sent = 0;
    for (const status of [403, 404]) {
      faults = [...Array(20)].map(() => () => {
        sent += 1;
        return { status, body: "{}" };
      });
      await expect(read()).rejects.toMatchObject({ maybeSent: false });
    }
    expect(sent).toBe(2);
  });

  test("with a body that is too large for Lambda is refused by the peer's status, as API Gateway would", async () => {
    faults = [() => ({ status: 413, body: '{"Type":"User"}' })];
    await expect(read()).rejects.toMatchObject({ status: 413, code: "unexpected_reply" });
  });

  test.each([403, 404, 429])("that Lambda answers with %d had no effect", async (status) => {
    faults = Array.from({ length: 20 }, () => () => ({ status, body: "{}" }));
    await expect(read()).rejects.toMatchObject({ code: "peer_unavailable", maybeSent: false });
  });

  test("of a function that fails gives no reply, and shows nothing of its error", async () => {
    faults = Array.from({ length: 20 }, () => () => ({
      status: 200,
      error: "Unhandled",
      body: '{"errorMessage":"hunter2"}',
    }));
    await expect(read()).rejects.toMatchObject({
      maybeSent: true,
      message: expect.stringMatching(/shop-test-things-readThing failed$/),
    });
  });

  test("of a function that failed is not sent again: it may have done its work", async () => {
    faults = [() => ({ status: 200, error: "Unhandled", body: "{}" })];
    await expect(read()).rejects.toMatchObject({ maybeSent: true });
    expect(runs).toBe(0);
  });

  test("with a reply that is no reply of a handler had perhaps an effect", async () => {
    faults = [() => ({ status: 200, body: "null" })];
    await expect(read()).rejects.toMatchObject({ maybeSent: true });
  });

  test("ends at the caller's deadline", async () => {
    lambda.removeAllListeners("request");
    await expect(read(50)).rejects.toMatchObject({ code: "peer_unavailable", maybeSent: true });
  });
});
