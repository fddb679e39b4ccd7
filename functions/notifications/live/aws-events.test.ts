// The functions of the WebSocket API as on AWS: with events as its documentation has them ("Lambda proxy integrations for WebSocket
// APIs"), a SECRET_KEY that is a reference, and a management API that keeps what it is sent.

import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createTokens } from "../../../lib/auth/tokens.ts";
import { setLogSink } from "../../../lib/observability/log.ts";
import { createDynamoClient } from "../../../lib/storage/dynamo-client.ts";
import { type Database, startDatabase } from "../../../local/database/server.ts";
import { createTables } from "../../../local/runtime/create-tables.ts";
import { portOf } from "../../../tests/support/free-ports.ts";
import { until } from "../../../tests/support/poll.ts";
import { systemTables } from "../../../tests/support/system-tables.ts";
import type { NotificationService } from "../service.ts";
import { recordEventTo } from "../test-world.ts";
import type { ConnectionRecord } from "./connection-records.ts";

const KEY = "a secret of this test alone, as long as it has to be";
const PAGE = "https://shop.example";

const before = { ...process.env };
const gone = new Set<string>();
/** What API Gateway was to send, by connection. */
const posted: { readonly connection: string; readonly frame: { readonly type: string } }[] = [];
/** The connections that it was to close. */
const ended: string[] = [];
let database: Database;
let secrets: Server;
let management: Server;
let handlers: Readonly<Record<"connect" | "message" | "disconnect", Handler>>;
let service: () => NotificationService;
let token: string;

type Handler = (
  event: never,
  context: { readonly awsRequestId: string },
) => Promise<{
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}>;

beforeAll(async () => {
  setLogSink(() => {});
  database = await startDatabase({ host: "127.0.0.1", port: 0, log: () => {} });
  secrets = createServer((_, response) => void response.end(JSON.stringify({ Parameter: { Value: KEY } })));
  management = managementApi();
  for (const server of [secrets, management])
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  Object.assign(process.env, {
    AWS_LAMBDA_FUNCTION_NAME: "cfmp-order-dev-notifications-connectLive",
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "id",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_ENDPOINT_URL: `http://127.0.0.1:${portOf(secrets)}`,
    AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI: `http://127.0.0.1:${portOf(management)}`,
    DEBUG: "False",
    NACOS_SERVER: "",
    CORS_ORIGINS: PAGE,
    SECRET_KEY: "ssm:/cfmp/key",
    DB_NAME: "aws",
    DB_HOST: database.host,
    DB_PORT: String(database.port),
  });
  const client = createDynamoClient({
    url: `http://127.0.0.1:${database.port}`,
    region: "eu-central-1",
    accessKeyId: "id",
    secretAccessKey: "secret",
  });
  await createTables(client, systemTables("aws"));
  await client.close();
  const [connect, message, disconnect] = await Promise.all([
    import("../handlers/connect-live.ts"),
    import("../handlers/message-live.ts"),
    import("../handlers/disconnect-live.ts"),
  ]);
  handlers = { connect: connect.handler, message: message.handler, disconnect: disconnect.handler };
  service = (await import("../service.ts")).notificationService;
  token = await createTokens({ SECRET_KEY: KEY, TOKEN_AUDIENCE: "cfmp-order" }).mintUser(
    { sub: "ann" },
    3_600,
  );
});

afterAll(async () => {
  for (const server of [secrets, management]) {
    server.closeAllConnections();
    server.close();
  }
  await database.close();
  process.env = before;
  globalThis.cfmpOrderLogSink = undefined;
});

/** `POST`, `GET` and `DELETE /{stage}/@connections/{id}`. */
const managementApi = (): Server =>
  createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const [, connection] = /^\/prod\/@connections\/(.+)$/.exec(request.url ?? "") ?? [];
    if (connection === undefined) return response.writeHead(404).end();
    const id = decodeURIComponent(connection);
    if (gone.has(id)) return response.writeHead(410).end();
    if (request.method === "DELETE") {
      ended.push(id);
      return response.writeHead(204).end();
    }
    if (request.method === "GET") return response.end('{"connectedAt":"2026-11-29T12:00:00Z"}');
    posted.push({ connection: id, frame: JSON.parse(body) });
    return response.end();
  });

const contextOf = (connectionId: string, more: object) => ({
  extendedRequestId: "ABCD1234=",
  requestTime: "09/Feb/2024:18:11:43 +0000",
  messageDirection: "IN",
  stage: "prod",
  connectedAt: 1_707_502_303_419,
  requestTimeEpoch: 1_707_502_303_420,
  identity: { sourceIp: "192.0.2.1" },
  requestId: "ABCD1234=",
  domainName: "abcd1234.execute-api.eu-central-1.amazonaws.com",
  connectionId,
  apiId: "abcd1234",
  ...more,
});

const HEADERS = {
  Host: "abcd1234.execute-api.eu-central-1.amazonaws.com",
  "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
  "Sec-WebSocket-Key": "a1b2c3d4==",
  "Sec-WebSocket-Version": "13",
  "X-Amzn-Trace-Id": "Root=1-65c66d5f-0000000000000000",
  "X-Forwarded-For": "192.0.2.1",
  "X-Forwarded-Port": "443",
  "X-Forwarded-Proto": "https",
};

/** Runs a function as Lambda does: with the event as JSON. */
const run = (name: keyof typeof handlers, event: object) =>
  handlers[name](JSON.parse(JSON.stringify(event)) as never, { awsRequestId: "run" });

function connected(id: string, more: Readonly<Record<string, string>>) {
  const headers = { ...HEADERS, ...more };
  const multiValueHeaders = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value]]),
  );
  const requestContext = contextOf(id, { routeKey: "$connect", eventType: "CONNECT" });
  return run("connect", { headers, multiValueHeaders, requestContext, isBase64Encoded: false });
}

const said = (id: string, message: object) =>
  run("message", {
    requestContext: contextOf(id, { routeKey: "$default", messageId: "A1B2=", eventType: "MESSAGE" }),
    body: JSON.stringify(message),
    isBase64Encoded: false,
  });

const closed = (id: string) =>
  run("disconnect", {
    headers: { Host: HEADERS.Host, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": "" },
    requestContext: contextOf(id, {
      routeKey: "$disconnect",
      eventType: "DISCONNECT",
      disconnectStatusCode: 1005,
      disconnectReason: "Client-side close frame status not set",
    }),
    isBase64Encoded: false,
  });

/** Gives the record of a connection other times. */
async function aged(id: string, times: Partial<ConnectionRecord>): Promise<void> {
  const { records } = service().live;
  const record = await records.read(id);
  if (record) await records.add({ ...record, ...times }, 20);
}

const protocols = () => ({ "Sec-WebSocket-Protocol": `cfmp.v1, bearer.${token}` });
const framesOf = (id: string) =>
  posted.filter(({ connection }) => connection === id).map(({ frame }) => frame);

describe("On AWS", () => {
  test("a connection is accepted with its subprotocol, sent what is recorded, and forgotten when it closes", async () => {
    const id = "AAAA1234=";
    expect(await connected(id, protocols())).toEqual({
      statusCode: 200,
      headers: { "Sec-WebSocket-Protocol": "cfmp.v1" },
    });
    expect((await said(id, { type: "since" })).statusCode).toBe(200);
    await recordEventTo(service(), "ann", "event-1");
    await said(id, { type: "ping", position: 1 });
    expect(framesOf(id)).toMatchObject([
      { type: "ready", position: 0 },
      { type: "notification", position: 1, notification: { event: "order.paid" } },
      { type: "pong" },
    ]);
    expect(await closed(id)).toEqual({ statusCode: 200 });
    await recordEventTo(service(), "ann", "event-2");
    expect(framesOf(id)).toHaveLength(3);
    expect((await said(id, { type: "since" })).statusCode).toBe(410);
  });

  test("a client that comes back is sent what it missed first", async () => {
    const id = "BBBB1234=";
    await connected(id, protocols());
    await said(id, { type: "since", position: 0 });
    const types = framesOf(id).map(({ type }) => type);
    expect(types.at(-1)).toBe("ready");
    expect(types.filter((type) => type === "notification").length).toBe(types.length - 1);
  });

  test("a connection that API Gateway does not know any more is forgotten", async () => {
    const id = "CCCC1234=";
    await connected(id, protocols());
    await aged(id, { opened_on: 0 });
    gone.add(id);
    let events = 0;
    // What a busy machine answers after the time limit says nothing: then the next notification finds it.
    await until("it is forgotten", async () => {
      events += 1;
      await recordEventTo(service(), "ann", `event-3-${events}`);
      return (await service().live.records.read(id)) === undefined;
    });
  });

  test("a connection that is being opened is kept, although API Gateway does not know it yet", async () => {
    const id = "HHHH1234=";
    await connected(id, protocols());
    gone.add(id);
    await recordEventTo(service(), "ann", "event-4");
    expect(await service().live.records.read(id)).toBeDefined();
    gone.delete(id);
    await closed(id);
  });

  test("a connection whose token has expired is closed by the next notification, which it is not sent", async () => {
    const id = "IIII1234=";
    await connected(id, protocols());
    await aged(id, { expires_on: 1 });
    await recordEventTo(service(), "ann", "event-5");
    expect(ended).toContain(id);
    expect([framesOf(id), await service().live.records.read(id)]).toEqual([[], undefined]);
  });

  test("a user has 20 connections at most; of those that ended without a word API Gateway is asked", async () => {
    const bob = await createTokens({ SECRET_KEY: KEY, TOKEN_AUDIENCE: "cfmp-order" }).mintUser(
      { sub: "bob" },
      3_600,
    );
    const open = async (no: number) =>
      (await connected(`bob-${no}`, { Authorization: `Bearer ${bob}` })).statusCode;
    const statuses = await Promise.all(Array.from({ length: 25 }, (_, no) => open(no)));
    expect(statuses.filter((status) => status === 200)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
    const [first = ""] = await service().live.records.idsOf("bob");
    await aged(first, { opened_on: 0 });
    expect(await open(100)).toBe(429);
    gone.add(first);
    expect(await open(100)).toBe(200);
    expect(await open(101)).toBe(429);
  });

  test.each([
    ["without a token", {}, 401],
    ["with a token that is not ours", { "Sec-WebSocket-Protocol": "cfmp.v1, bearer.a.b.c" }, 401],
    ["with an unknown subprotocol", { "Sec-WebSocket-Protocol": "chat" }, 400],
    ["of a page of another origin", { Origin: "https://elsewhere.example" }, 403],
  ])("a connection %s is refused", async (_, headers, statusCode) => {
    expect(await connected("DDDD1234=", headers)).toMatchObject({ statusCode });
    expect(await service().live.records.read("DDDD1234=")).toBeUndefined();
  });

  test("a connection of a page whose origin is allowed is accepted, with the token as a header, too", async () => {
    const headers = { Origin: PAGE, Authorization: `Bearer ${token}` };
    expect(await connected("EEEE1234=", headers)).toMatchObject({ statusCode: 200 });
  });

  test("a connection that is not known is closed", async () => {
    expect((await said("GGGG1234=", { type: "since" })).statusCode).toBe(410);
    expect(ended).toContain("GGGG1234=");
    expect(framesOf("GGGG1234=")).toEqual([]);
  });

  test("a message that is none is answered with what is wrong", async () => {
    const id = "FFFF1234=";
    await connected(id, protocols());
    expect((await said(id, { action: "sendmessage" })).statusCode).toBe(400);
    expect(framesOf(id)).toMatchObject([{ type: "error", code: "message_malformed" }]);
  });
});
