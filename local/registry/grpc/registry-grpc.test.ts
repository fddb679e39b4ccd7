// The registry's gRPC port against clients that misbehave, its logins, its restart.

import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { frame } from "../../../lib/nacos/grpc/frames.ts";
import { BI_STREAM_PATH, GRPC_PORT_OFFSET } from "../../../lib/nacos/grpc/methods.ts";
import { encodePayload, payload } from "../../../lib/nacos/grpc/payload.ts";
import { GRPC_STATUS } from "../../../lib/nacos/grpc/status.ts";
import { EmbeddedRegistry } from "../../../tests/support/embedded-registry.ts";
import { NacosGrpc } from "../../../tests/support/nacos-grpc.ts";
import { eventually } from "../../../tests/support/poll.ts";
import { silentLog } from "../../../tests/support/silent-log.ts";

const service = { namespace: "public", groupName: "DEFAULT_GROUP", serviceName: "OrderService" };
const instance = { ip: "127.0.0.1", port: 7001, clusterName: "DEFAULT" };
const REGISTER = { ...service, type: "registerInstance", instance };
const CHECK = frame(encodePayload(payload("ServerCheckRequest", "{}")));

let registry: EmbeddedRegistry;
const clients: NacosGrpc[] = [];
const connect = (port = registry.grpcPort): NacosGrpc => {
  const client = new NacosGrpc(port);
  clients.push(client);
  return client;
};
const registered = async () => {
  const client = connect();
  await client.setUp();
  return client;
};
const portsSeenBy = async (client: NacosGrpc) => {
  const { body } = await client.request("ServiceQueryRequest", service);
  return Object(body["serviceInfo"]).hosts.map(({ port }: { port: number }) => port);
};

beforeAll(async () => {
  registry = await EmbeddedRegistry.startWithGrpc();
});
afterEach(() => {
  for (const client of clients.splice(0)) client.kill();
});
afterAll(() => registry?.close());

describe("a call", () => {
  test.each([
    ["of an unknown method", CHECK, "/Request/other", GRPC_STATUS.UNIMPLEMENTED],
    ["without a request", Buffer.alloc(0), undefined, GRPC_STATUS.INTERNAL],
    ["with two requests", Buffer.concat([CHECK, CHECK]), undefined, GRPC_STATUS.INTERNAL],
    ["with half a request", CHECK.subarray(0, 9), undefined, GRPC_STATUS.INTERNAL],
    ["whose request is no message", frame(Buffer.from("1205", "hex")), undefined, GRPC_STATUS.INTERNAL],
    ["with a compressed request", Buffer.from("0100000000", "hex"), undefined, GRPC_STATUS.UNIMPLEMENTED],
    [
      "with a request above the limit",
      Buffer.from("0000a00001", "hex"),
      undefined,
      GRPC_STATUS.RESOURCE_EXHAUSTED,
    ],
  ])("%s ends with its status, and the connection is of use after it", async (_, bytes, path, status) => {
    const client = await registered();
    expect(await client.raw(bytes, path)).toMatchObject({ http: 200, grpc: status, messages: [] });
    expect(await client.request("HealthCheckRequest", {})).toMatchObject({ body: { success: true } });
  });

  test.each([
    ["of a web page", { ":method": "GET" }, 415],
    ["of another content type", { "content-type": "text/plain" }, 415],
    ["of gRPC's form for browsers", { "content-type": "application/grpc-web" }, 415],
    ["that is meant for another host", { ":authority": "registry.example:9848" }, 421],
  ])("%s is refused", async (_, head, status) => {
    expect(
      await connect().raw(head[":method" as never] === "GET" ? Buffer.alloc(0) : CHECK, undefined, head),
    ).toEqual({
      http: status,
      grpc: undefined,
      messages: [],
    });
  });
});

describe("a registered stream", () => {
  test("ends at once with a client that goes away while something is sent to it: none has to be cut off later", async () => {
    const warnings: unknown[] = [];
    const log = { ...silentLog, warn: (...line: unknown[]) => void warnings.push(line) };
    const own = await EmbeddedRegistry.startWithGrpc(undefined, log);
    const watcher = connect(own.grpcPort);
    await watcher.setUp();
    // Many, since it depends on what arrives together.
    for (let port = 1; port <= 200; port += 1) {
      const client = connect(own.grpcPort);
      await client.setUp();
      await client.request("SubscribeServiceRequest", { ...service, subscribe: true });
      client.request("InstanceRequest", { ...REGISTER, instance: { ...instance, port } }).catch(() => {});
      // About as long as the request takes.
      await sleep(port % 4);
      client.session.close();
      client.kill();
    }
    await eventually(async () => expect(await portsSeenBy(watcher)).toEqual([]));
    await own.close();
    expect(warnings).toEqual([]);
  });

  test("that sends no message is ended, and what it had registered is gone; other connections are not touched", async () => {
    const other = await registered();
    const client = connect();
    const stream = client.stream(BI_STREAM_PATH);
    stream.write(frame(encodePayload(payload("ConnectionSetupRequest", "{}"))));
    await eventually(async () =>
      expect(await client.request("InstanceRequest", REGISTER)).toMatchObject({ body: { success: true } }),
    );
    expect(await portsSeenBy(other)).toEqual([7001]);
    stream.write(Buffer.from("not gRPC at all"));
    await eventually(async () => expect(await portsSeenBy(other)).toEqual([]));
    expect(await client.request("InstanceRequest", REGISTER)).toMatchObject({ body: { errorCode: 301 } });
  });

  test("is missed by a check of health: it fails, so that every client sets up its connection again", async () => {
    const check = frame(encodePayload(payload("HealthCheckRequest", "{}")));
    expect(await connect().raw(check)).toMatchObject({ grpc: GRPC_STATUS.UNAVAILABLE, messages: [] });
    expect(await (await registered()).raw(check)).toMatchObject({ grpc: GRPC_STATUS.OK });
  });

  test("that the client ends is ended", async () => {
    const client = connect();
    const outcome = client.raw(frame(encodePayload(payload("ConnectionSetupRequest", "{}"))), BI_STREAM_PATH);
    expect(await outcome).toMatchObject({ http: 200, grpc: GRPC_STATUS.OK });
  });

  test("is one for a connection", async () => {
    const client = await registered();
    const again = client.raw(frame(encodePayload(payload("ConnectionSetupRequest", "{}"))), BI_STREAM_PATH);
    expect(await again).toMatchObject({ grpc: GRPC_STATUS.ALREADY_EXISTS });
    expect(await client.request("HealthCheckRequest", {})).toMatchObject({ body: { success: true } });
  });

  test("is ended when the process ends whose instance it has registered, even if a sidecar still holds it; not another's", async () => {
    const [one, other] = [await registered(), await registered()];
    const announce = (client: NacosGrpc, port: number, own: string) =>
      client.request("InstanceRequest", {
        ...REGISTER,
        instance: { ...instance, port, metadata: { instance: own, pid: "7" } },
      });
    await announce(one, 7001, "one");
    await announce(other, 7002, "other");
    registry.instanceEnded("one");
    await eventually(async () => expect(await portsSeenBy(other)).toEqual([7002]));
    await eventually(() => expect(one.isOpen).toBe(false));
  });

  test("may carry messages that nobody knows", async () => {
    const client = await registered();
    client.send("Nonsense", {});
    client.send("NotifySubscriberResponse", { requestId: 7 });
    expect(await client.request("HealthCheckRequest", {})).toMatchObject({ body: { success: true } });
  });
});

test("a request with values of other types than it should have is refused, however deep they are", async () => {
  const client = await registered();
  const nested = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  for (const value of ["7", "[1]", nested, `{"deep":${nested}}`, '{"list":[]}', '{"a":{"toString":1}}'])
    for (const [field, request] of [
      ["metadata", JSON.stringify({ ...REGISTER, instance: { ...instance, metadata: "HERE" } })],
      ["ip", JSON.stringify({ ...REGISTER, instance: { ...instance, ip: "HERE" } })],
      ["instance", JSON.stringify({ ...REGISTER, instance: "HERE" })],
      ["type", JSON.stringify({ ...REGISTER, type: "HERE" })],
    ] as const) {
      // An address of one character is one.
      if (field === "ip" && value === "7") continue;
      const { body } = await client.request("InstanceRequest", request.replace('"HERE"', value));
      expect({ field, value: value.slice(0, 20), body }).toMatchObject({
        field,
        value: value.slice(0, 20),
        body: { errorCode: 400, success: false },
      });
    }
  expect(await portsSeenBy(client)).toEqual([]);
});

describe("memory is bounded", () => {
  test.each([
    ["messages that are incomplete", (): Buffer => frame(Buffer.alloc(9 * 1024 * 1024)).subarray(0, -1)],
    [
      "requests that have not ended",
      (): Buffer =>
        frame(encodePayload(payload("ServerCheckRequest", JSON.stringify("x".repeat(9 * 1024 * 1024))))),
    ],
  ])("by the bytes of %s in a connection", async (_, large) => {
    const client = await registered();
    const streams = [1, 2].map(() => client.stream("/Request/request"));
    const statuses: unknown[] = [];
    for (const stream of streams) {
      stream.on("response", (headers) => statuses.push(headers["grpc-status"]));
      stream.on("trailers", (headers) => statuses.push(headers["grpc-status"]));
      stream.resume();
      stream.write(large());
    }
    await eventually(() => expect(statuses).toContain(String(GRPC_STATUS.RESOURCE_EXHAUSTED)));
    expect(await client.request("HealthCheckRequest", {})).toMatchObject({ body: { success: true } });
  });

  test("by what a client does not read: it is cut off", async () => {
    const publisher = await registered();
    const key = { dataId: "large", group: "DEFAULT_GROUP", tenant: "" };
    const content = "x".repeat(8 * 1024 * 1024);
    expect(await publisher.request("ConfigPublishRequest", { ...key, content })).toMatchObject({
      body: { success: true },
    });
    const slow = await registered();
    const query = frame(encodePayload(payload("ConfigQueryRequest", JSON.stringify(key))));
    const closed = new Promise((resolve) => slow.session.once("close", resolve));
    // Without a listener for data nothing is read.
    for (let times = 0; times < 10; times += 1) slow.stream("/Request/request").end(query);
    await closed;
    expect(await publisher.request("HealthCheckRequest", {})).toMatchObject({ body: { success: true } });
  });
});

test("after a restart of the registry clients connect and register again", async () => {
  const client = await registered();
  await client.request("InstanceRequest", REGISTER);
  const closed = new Promise((resolve) => client.session.once("close", resolve));
  await registry.restart();
  await closed;
  const back = await registered();
  expect(await portsSeenBy(back)).toEqual([]);
  await back.request("InstanceRequest", REGISTER);
  expect(await portsSeenBy(back)).toEqual([7001]);
});

describe("a registry with an account", () => {
  let guarded: EmbeddedRegistry;
  beforeAll(async () => {
    guarded = await EmbeddedRegistry.startWithGrpc({ username: "someone", password: "secret" });
  });
  afterAll(() => guarded?.close());
  const token = async () => {
    const url = `http://${guarded.address}/nacos/v1/auth/login?username=someone&password=secret`;
    const reply: unknown = await (await fetch(url, { method: "POST" })).json();
    return String(Object(reply).accessToken);
  };

  test("takes requests with a token, as by HTTP, and refuses others; a check of health needs none", async () => {
    const client = connect(guarded.grpcPort);
    await client.setUp();
    const refused = { type: "InstanceResponse", body: { resultCode: 500, errorCode: 403, success: false } };
    expect(await client.request("InstanceRequest", REGISTER)).toMatchObject(refused);
    client.headers = new Map([["accessToken", "invalid"]]);
    expect(await client.request("InstanceRequest", REGISTER)).toMatchObject(refused);
    expect(await client.request("HealthCheckRequest", {})).toMatchObject({ body: { success: true } });
    client.headers = new Map([["accessToken", await token()]]);
    expect(await client.request("InstanceRequest", REGISTER)).toMatchObject({ body: { success: true } });
  });
});

test("a registry whose gRPC port is in use serves HTTP, and says what it lacks", async () => {
  const occupied = await EmbeddedRegistry.startWithGrpc();
  const { port } = occupied;
  await occupied.stop();
  const squatter = createServer().listen(port + GRPC_PORT_OFFSET, "127.0.0.1");
  await new Promise((resolve) => squatter.once("listening", resolve));
  const beside = await EmbeddedRegistry.start(port);
  try {
    expect(() => beside.grpcPort).toThrow("in use");
    const metrics = await fetch(`http://${beside.address}/nacos/v1/ns/operator/metrics`);
    expect(metrics.status).toBe(200);
  } finally {
    await beside.close();
    squatter.close();
    await occupied.close();
  }
});
