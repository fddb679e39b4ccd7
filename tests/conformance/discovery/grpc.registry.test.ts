// Nacos' gRPC API, and that it and the HTTP API show the same services and configurations: what any registry must answer.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type GrpcMessage, NacosGrpc } from "../../support/nacos-grpc.ts";
import { eventually } from "../../support/poll.ts";
import { newName, openRegistry, registryName } from "./registry-under-test.ts";

const { http, grpcPort } = await openRegistry();
const GROUP = "DEFAULT_GROUP";

let client: NacosGrpc;
let other: NacosGrpc;
const connect = async () => {
  const connected = new NacosGrpc(grpcPort);
  await connected.setUp();
  return connected;
};
beforeAll(async () => {
  client = await connect();
  other = await connect();
});
afterAll(() => {
  client?.kill();
  other?.kill();
});

const serviceOf = (serviceName = newName()) => ({ namespace: "public", groupName: GROUP, serviceName });
const instanceAt = (port: number, more: object = {}) => ({
  ip: "127.0.0.1",
  port,
  weight: 2.5,
  healthy: true,
  enabled: true,
  ephemeral: true,
  clusterName: "DEFAULT",
  metadata: { a: "1" },
  ...more,
});
type Service = ReturnType<typeof serviceOf>;
const register = (service: Service, port: number, by = client) =>
  by.request("InstanceRequest", { ...service, type: "registerInstance", instance: instanceAt(port) });
const deregister = (service: Service, port: number, by = client) =>
  by.request("InstanceRequest", { ...service, type: "deregisterInstance", instance: instanceAt(port) });
const subscribe = (service: Service, by: NacosGrpc, subscribed = true) =>
  by.request("SubscribeServiceRequest", { ...service, subscribe: subscribed, clusters: "" });

const portsIn = (serviceInfo: unknown): number[] => {
  expect(serviceInfo).toEqual(expect.objectContaining({ hosts: expect.any(Array) }));
  const { hosts } = Object(serviceInfo);
  return hosts.map(({ port }: { port: number }) => port).sort();
};
const listed = async (service: Service) => {
  const { body } = await client.request("ServiceQueryRequest", {
    ...service,
    cluster: "",
    healthyOnly: false,
  });
  return portsIn(body["serviceInfo"]);
};
const listedByHttp = async ({ serviceName }: Service) =>
  portsIn(await http.list({ serviceName, groupName: GROUP }));
const pushesOf = (by: NacosGrpc, { serviceName }: Service) =>
  by.pushed
    .filter(
      ({ type, body }) =>
        type === "NotifySubscriberRequest" && Object(body["serviceInfo"]).name === serviceName,
    )
    .map(({ body }) => portsIn(body["serviceInfo"]));
const success = { resultCode: 200, errorCode: 0, success: true };

describe(`${registryName}, as a Nacos registry by gRPC: connections`, () => {
  test("a check of the server is answered before the connection is set up, other requests are not", async () => {
    const stranger = new NacosGrpc(grpcPort);
    expect(await stranger.request("ServerCheckRequest", {})).toMatchObject({
      type: "ServerCheckResponse",
      body: { ...success, connectionId: expect.any(String), supportAbilityNegotiation: true },
    });
    const unregistered = { type: "ErrorResponse", body: { resultCode: 500, errorCode: 301, success: false } };
    expect(await register(serviceOf(), 1, stranger)).toMatchObject(unregistered);
    stranger.kill();
  });

  test("the setup of a client that says what it can do is answered with what the server can do", async () => {
    const newcomer = new NacosGrpc(grpcPort);
    expect(await newcomer.setUp({ abilityTable: { fuzzyWatch: true } })).toMatchObject({
      type: "SetupAckRequest",
      body: { headers: {}, module: "internal", abilityTable: { supportPersistentInstanceByGrpc: true } },
    });
    expect(await newcomer.request("HealthCheckRequest", {})).toMatchObject({
      type: "HealthCheckResponse",
      body: success,
    });
    newcomer.kill();
  });

  test.each([
    ["an unknown request", "NoSuchRequest", "{}", 302],
    ["a body that is not JSON", "InstanceRequest", "not json", 502],
    ["a body that is no object", "InstanceRequest", "[]", 502],
    ["an empty body", "ServiceListRequest", "", 502],
  ])("%s is answered with an error", async (_, type, body, errorCode) => {
    expect(await client.request(type, body)).toMatchObject({
      type: "ErrorResponse",
      body: { resultCode: 500, errorCode, success: false },
    });
  });
});

describe(`${registryName}, as a Nacos registry by gRPC: naming`, () => {
  test("register, list and deregister, seen by both APIs", async () => {
    const service = serviceOf();
    expect(await register(service, 7001)).toEqual({
      type: "InstanceResponse",
      clientIp: "",
      body: { ...success, type: "registerInstance" },
    });
    await eventually(async () => expect(await listedByHttp(service)).toEqual([7001]));
    const { body } = await client.request("ServiceQueryRequest", {
      ...service,
      cluster: "",
      healthyOnly: false,
    });
    expect(body).toEqual({
      ...success,
      serviceInfo: {
        name: service.serviceName,
        groupName: GROUP,
        clusters: "",
        cacheMillis: 10_000,
        hosts: [
          {
            ...instanceAt(7001),
            instanceId: `127.0.0.1#7001#DEFAULT#${GROUP}@@${service.serviceName}`,
            serviceName: `${GROUP}@@${service.serviceName}`,
            instanceHeartBeatInterval: 5_000,
            instanceHeartBeatTimeOut: 15_000,
            ipDeleteTimeout: 30_000,
          },
        ],
        lastRefTime: expect.any(Number),
        checksum: "",
        allIps: false,
        reachProtectionThreshold: false,
        valid: true,
      },
    });
    expect((await deregister(service, 7001)).body).toEqual({ ...success, type: "deregisterInstance" });
    await eventually(async () => {
      expect(await listed(service)).toEqual([]);
      expect(await listedByHttp(service)).toEqual([]);
    });
  });

  test("what is registered by HTTP is listed and pushed by gRPC", async () => {
    const service = serviceOf();
    const { serviceName } = service;
    expect(portsIn((await subscribe(service, client)).body["serviceInfo"])).toEqual([]);
    await http.register({ serviceName, groupName: GROUP, ip: "127.0.0.1", port: 7002 });
    await eventually(async () => {
      expect(await listed(service)).toEqual([7002]);
      expect(pushesOf(client, service).at(-1)).toEqual([7002]);
    });
  });

  test("a connection has one instance in a service: another one replaces it, and any address deregisters it", async () => {
    const service = serviceOf();
    await register(service, 1);
    await register(service, 2);
    await register(service, 3, other);
    await eventually(async () => expect(await listed(service)).toEqual([2, 3]));
    await deregister(service, 4);
    await eventually(async () => expect(await listed(service)).toEqual([3]));
    await deregister(service, 3, other);
  });

  test("several instances are registered together, and replaced together", async () => {
    const service = serviceOf();
    const batch = (...ports: number[]) =>
      client.request("BatchInstanceRequest", {
        ...service,
        type: "batchRegisterInstance",
        instances: ports.map((port) => instanceAt(port)),
      });
    expect(await batch(1, 2, 3)).toMatchObject({
      type: "BatchInstanceResponse",
      body: { ...success, type: "batchRegisterInstance" },
    });
    await eventually(async () => expect(await listed(service)).toEqual([1, 2, 3]));
    await batch(2, 4);
    await eventually(async () => expect(await listed(service)).toEqual([2, 4]));
  });

  test("a persistent instance outlives the connection that registered it", async () => {
    const service = serviceOf();
    const persistent = (type: string, by: NacosGrpc) =>
      by.request("PersistentInstanceRequest", {
        ...service,
        type,
        instance: instanceAt(9, { ephemeral: false }),
      });
    const short = await connect();
    expect((await persistent("registerInstance", short)).body).toMatchObject(success);
    await eventually(async () => expect(await listed(service)).toEqual([9]));
    const ephemeral = serviceOf();
    await register(ephemeral, 1, short);
    await eventually(async () => expect(await listed(ephemeral)).toEqual([1]));
    short.kill();
    await eventually(async () => expect(await listed(ephemeral)).toEqual([]));
    expect(await listed(service)).toEqual([9]);
    await persistent("deregisterInstance", client);
    await eventually(async () => expect(await listed(service)).toEqual([]));
  });

  test("a subscriber is sent every change, and nothing after it unsubscribed", async () => {
    const service = serviceOf();
    await subscribe(service, other);
    await register(service, 7);
    await eventually(() => expect(pushesOf(other, service).at(-1)).toEqual([7]));
    await deregister(service, 7);
    await eventually(() => expect(pushesOf(other, service).at(-1)).toEqual([]));
    await subscribe(service, other, false);
    const before = pushesOf(other, service).length;
    await subscribe(service, client);
    await register(service, 8);
    await eventually(() => expect(pushesOf(client, service).at(-1)).toEqual([8]));
    expect(pushesOf(other, service)).toHaveLength(before);
  });

  test("a new subscriber is sent the present instances, also one that does not read the response", async () => {
    const service = serviceOf();
    await register(service, 7);
    await eventually(async () => expect(await listed(service)).toEqual([7]));
    const late = await connect();
    expect(portsIn((await subscribe(service, late)).body["serviceInfo"])).toEqual([7]);
    await eventually(() => expect(pushesOf(late, service).at(-1)).toEqual([7]));
    late.kill();
  });

  test("when a client is killed, its instances are gone at once and subscribers know", async () => {
    const service = serviceOf();
    await subscribe(service, client);
    const killed = await connect();
    await register(service, 7, killed);
    await register(service, 8, other);
    await eventually(() => expect(pushesOf(client, service).at(-1)).toEqual([7, 8]));
    killed.kill();
    await eventually(() => expect(pushesOf(client, service).at(-1)).toEqual([8]));
    expect(await listedByHttp(service)).toEqual([8]);
    await deregister(service, 8, other);
  });

  test("one address in use by HTTP and by a connection stays until both have ended it", async () => {
    const service = serviceOf();
    const { serviceName } = service;
    const at = { serviceName, groupName: GROUP, ip: "127.0.0.1", port: 7 };
    const distinct = async () => [...new Set(await listedByHttp(service))];
    const killed = await connect();
    await register(service, 7, killed);
    await eventually(async () => expect(await distinct()).toEqual([7]));
    // Neither do heartbeats renew it, nor does HTTP deregister it.
    expect(await http.beat(at)).toMatchObject({ code: 20_404 });
    await http.deregister(at);
    await register(service, 8, other);
    await eventually(async () => expect(await distinct()).toEqual([7, 8]));
    await http.register(at);
    expect(await http.beat(at)).toMatchObject({ code: 10_200 });
    killed.kill();
    await deregister(service, 8, other);
    await eventually(async () => expect(await distinct()).toEqual([7]));
    await register(service, 9, other);
    await eventually(async () => expect(await distinct()).toEqual([7, 9]));
    await http.deregister(at);
    await eventually(async () => expect(await distinct()).toEqual([9]));
    await deregister(service, 9, other);
  });

  test("operators see who is connected, what it has registered and what it subscribes", async () => {
    const service = serviceOf();
    const named = { serviceName: service.serviceName, groupName: GROUP };
    const shown = await connect();
    const { body: check } = await shown.request("ServerCheckRequest", {});
    const clientId = String(check["connectionId"]);
    const NS = "/v3/admin/ns";
    const read = async (path: string, params: Parameters<typeof http.v3>[2]) =>
      (await http.v3("GET", `${NS}${path}`, params)).data;
    await register(service, 7, shown);
    await subscribe(service, shown);
    const agent = "Nacos-Java-Client:v3.1.0";
    await eventually(async () => {
      expect(await read("/client/list", {})).toContain(clientId);
      expect(await read("/service/subscribers", named)).toMatchObject({
        totalCount: 1,
        pageItems: [{ ...named, ip: "127.0.0.1", port: 0, agent, appName: "tests", address: "127.0.0.1:0" }],
      });
    });
    expect(await read("/client", { clientId })).toMatchObject({
      clientId,
      ephemeral: true,
      clientType: "connection",
      connectType: "GRPC",
      version: agent,
      appName: "tests",
      clientIp: "127.0.0.1",
      clientPort: expect.any(Number),
      lastUpdatedTime: expect.any(Number),
    });
    const at = { ip: "127.0.0.1", port: 7, clusterName: "DEFAULT" };
    expect(await read("/client/publish/list", { clientId })).toMatchObject([{ ...named, publisherInfo: at }]);
    const subscriber = { agent, appName: "tests", address: "127.0.0.1" };
    expect(await read("/client/subscribe/list", { clientId })).toMatchObject([
      { ...named, subscriberInfo: subscriber },
    ]);
    expect(await read("/client/service/publisher/list", named)).toEqual([{ clientId, ...at }]);
    expect(await read("/client/service/subscriber/list", named)).toEqual([{ clientId, ...subscriber }]);
    const { connectionBasedClientCount } = Object(await read("/ops/metrics", { onlyStatus: false }));
    expect(connectionBasedClientCount).toBeGreaterThan(0);
    shown.kill();
    await eventually(async () => {
      expect(await read("/client/list", {})).not.toContain(clientId);
      expect(await read("/service/subscribers", named)).toMatchObject({ totalCount: 0 });
    });
  });

  test("services are listed by pages, also when all are wanted", async () => {
    const groupName = newName();
    for (const serviceName of ["a", "b", "c"]) await register({ ...serviceOf(serviceName), groupName }, 1);
    const page = async (pageNo: number, pageSize: number) => {
      const { body } = await client.request("ServiceListRequest", {
        namespace: "public",
        groupName,
        pageNo,
        pageSize,
      });
      return body;
    };
    const all = { ...success, count: 3 };
    expect(await page(1, 2_147_483_647)).toEqual({
      ...all,
      serviceNames: expect.arrayContaining(["a", "b", "c"]),
    });
    expect(await page(2, 2)).toEqual({ ...all, serviceNames: [expect.any(String)] });
    expect(await page(9, 2)).toEqual({ ...all, serviceNames: [] });
  });

  test.each([
    ["a cluster with a space", { clusterName: "a b" }],
    ["metadata above the limit", { metadata: { a: "x".repeat(1_024) } }],
  ])("%s is refused, as by HTTP", async (_, wrong) => {
    const request = { ...serviceOf(), type: "registerInstance", instance: instanceAt(1, wrong) };
    expect(await client.request("InstanceRequest", request)).toMatchObject({
      type: "InstanceResponse",
      body: { resultCode: 500, errorCode: 400, success: false },
    });
  });

  test("an unknown action is refused", async () => {
    const request = { ...serviceOf(), type: "nonsense", instance: instanceAt(1) };
    expect((await client.request("InstanceRequest", request)).body).toMatchObject({
      errorCode: 400,
      message: "Unsupported request type nonsense",
      success: false,
    });
  });
});

describe(`${registryName}, as a Nacos registry by gRPC: configurations`, () => {
  const keyOf = () => ({ dataId: newName(), group: GROUP, tenant: "" });
  type Key = ReturnType<typeof keyOf>;
  const publish = (key: Key, content: string, more: object = {}) =>
    client.request("ConfigPublishRequest", { ...key, content, ...more });
  const query = async (key: Key) => (await client.request("ConfigQueryRequest", key)).body;
  const listen = (key: Key, md5: string, by = other, isListening = true) =>
    by.request("ConfigBatchListenRequest", {
      listen: isListening,
      configListenContexts: [{ ...key, md5 }],
    });
  const notifications = (by: NacosGrpc, { dataId }: Key): GrpcMessage[] =>
    by.pushed.filter(({ type, body }) => type === "ConfigChangeNotifyRequest" && body["dataId"] === dataId);
  const MD5_OF_ONE = "f97c5d29941bfb1b2fdab0874906ab82";

  test("publish, query and remove, seen by both APIs", async () => {
    const key = keyOf();
    expect(await query(key)).toEqual({
      resultCode: 500,
      errorCode: 300,
      message: "config data not exist",
      lastModified: 0,
      beta: false,
      success: false,
    });
    expect(await publish(key, "one", { additionMap: { type: "json" } })).toMatchObject({
      type: "ConfigPublishResponse",
      body: success,
    });
    await eventually(async () => {
      expect(await query(key)).toEqual({
        ...success,
        content: "one",
        encryptedDataKey: "",
        contentType: "json",
        md5: MD5_OF_ONE,
        lastModified: expect.any(Number),
        beta: false,
      });
      expect(await http.getConfig(key)).toMatchObject({ status: 200, body: "one", type: "json" });
    });
    expect((await client.request("ConfigRemoveRequest", key)).body).toEqual(success);
    await eventually(async () => expect(await query(key)).toMatchObject({ errorCode: 300 }));
    expect((await http.getConfig(key)).status).toBe(404);
  });

  test("is published only in place of the content that the publisher has read", async () => {
    const key = keyOf();
    await publish(key, "one");
    await eventually(async () => expect(await query(key)).toMatchObject({ content: "one" }));
    expect((await publish(key, "two", { casMd5: "another" })).body).toMatchObject({
      resultCode: 500,
      errorCode: 500,
      message: "Cas publish fail, server md5 may have changed.",
      success: false,
    });
    expect((await publish(key, "two", { casMd5: MD5_OF_ONE })).body).toEqual(success);
    await eventually(async () => expect(await query(key)).toMatchObject({ content: "two" }));
  });

  test("a listener is sent every change by any API", async () => {
    const key = keyOf();
    expect((await listen(key, "")).body).toEqual({ ...success, changedConfigs: [] });
    await listen(key, "", client);
    await publish(key, "one");
    for (const by of [client, other]) {
      await eventually(() => expect(notifications(by, key)).toHaveLength(1));
    }
    await http.publish({ ...key, content: "two" });
    await eventually(() => expect(notifications(other, key)).toHaveLength(2));
    await listen(key, "", other, false);
    await client.request("ConfigRemoveRequest", key);
    await eventually(() => expect(notifications(client, key).length).toBeGreaterThanOrEqual(3));
    expect(notifications(other, key)).toHaveLength(2);
  });

  // One listener each: Nacos leaves the namespace out for all that come after a listener that did not name it.
  test.each([{}, { tenant: "public" }])("a listener is told the name it used: %j", async (named) => {
    const key = keyOf();
    await listen({ ...key, ...named }, "");
    await publish(key, "one");
    await eventually(() => expect(notifications(other, key)).toHaveLength(1));
    const { clientIp: _, ...notified } = notifications(other, key)[0] ?? {};
    const body = {
      headers: {},
      requestId: expect.any(String),
      module: "config",
      dataId: key.dataId,
      group: GROUP,
      ...named,
    };
    expect(notified).toEqual({ type: "ConfigChangeNotifyRequest", body });
  });

  test("a listener with other content is answered at once", async () => {
    const key = keyOf();
    await publish(key, "one");
    await eventually(async () => expect(await query(key)).toMatchObject({ content: "one" }));
    expect((await listen(key, MD5_OF_ONE)).body).toEqual({ ...success, changedConfigs: [] });
    expect((await listen(key, "another")).body).toEqual({ ...success, changedConfigs: [key] });
  });

  test.each([
    ["empty content", { content: "" }],
    ["an illegal name", { dataId: "a b" }],
  ])("%s is refused, as by HTTP", async (_, wrong) => {
    expect(
      (await client.request("ConfigPublishRequest", { ...keyOf(), content: "one", ...wrong })).body,
    ).toMatchObject({
      resultCode: 500,
      errorCode: 400,
      success: false,
    });
  });
});
