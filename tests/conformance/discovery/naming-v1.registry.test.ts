// Naming by Nacos' v1 API: what any registry must answer.

import { randomUUID } from "node:crypto";
import { createSocket } from "node:dgram";
import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "@jest/globals";
import { eventually } from "../../support/poll.ts";
import type { ServiceParams } from "./nacos-http.ts";
import { newName, openRegistry, QUICK, registryName } from "./registry-under-test.ts";

const { http } = await openRegistry();
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const newService = (): ServiceParams => ({ serviceName: `DEFAULT_GROUP@@${newName()}` });

describe(`${registryName}, as a Nacos registry: naming by v1`, () => {
  test("lists what was registered, with weight and metadata", async () => {
    const service = newService();
    await http.register({
      ...service,
      ip: "127.0.0.1",
      port: 7001,
      weight: 2.5,
      metadata: '{"version":"1.2.3"}',
    });

    const list = await eventually(async () => {
      const reply = await http.list({ ...service, clusters: "DEFAULT" });
      expect(reply.hosts).toHaveLength(1);
      return reply;
    });

    expect(list).toMatchObject({ name: service.serviceName, clusters: "DEFAULT" });
    expect(list.hosts[0]).toMatchObject({
      instanceId: `127.0.0.1#7001#DEFAULT#${service.serviceName}`,
      ip: "127.0.0.1",
      port: 7001,
      weight: 2.5,
      healthy: true,
      enabled: true,
      ephemeral: true,
      clusterName: "DEFAULT",
      serviceName: service.serviceName,
      metadata: { version: "1.2.3" },
      instanceHeartBeatInterval: 5_000,
      instanceHeartBeatTimeOut: 15_000,
      ipDeleteTimeout: 30_000,
    });
  });

  test("answers an unknown service with an empty list", async () => {
    expect(await http.list(newService())).toMatchObject({ hosts: [] });
  });

  test("registering twice makes one instance, as registered last", async () => {
    const service = newService();
    await http.register({ ...service, ip: "127.0.0.1", port: 7001, metadata: '{"n":"1"}' });
    await http.register({ ...service, ip: "127.0.0.1", port: 7001, metadata: '{"n":"2"}' });
    await eventually(async () => {
      const { hosts } = await http.list(service);
      expect(hosts.map(({ metadata }) => metadata)).toEqual([{ n: "2" }]);
    });
  });

  test("a deregistered instance is gone, also the last one", async () => {
    const service = newService();
    await http.register({ ...service, ip: "127.0.0.1", port: 7001 });
    await eventually(async () => expect((await http.list(service)).hosts).toHaveLength(1));
    await http.deregister({ ...service, ip: "127.0.0.1", port: 7001 });
    await eventually(async () => expect((await http.list(service)).hosts).toEqual([]));
    await http.deregister({ ...service, ip: "127.0.0.1", port: 7001 });
  });

  test("keeps groups and namespaces apart", async () => {
    const name = newName();
    await http.register({ serviceName: name, groupName: "ONE", ip: "127.0.0.1", port: 7001 });
    await http.register({ serviceName: name, groupName: "TWO", ip: "127.0.0.1", port: 7002 });
    await http.register({
      serviceName: `ONE@@${name}`,
      namespaceId: "other",
      ip: "127.0.0.1",
      port: 7003,
    });

    const ports = async (params: ServiceParams) => (await http.list(params)).hosts.map(({ port }) => port);
    await eventually(async () => {
      expect(await ports({ serviceName: `ONE@@${name}` })).toEqual([7001]);
      expect(await ports({ serviceName: name, groupName: "TWO" })).toEqual([7002]);
      expect(await ports({ serviceName: `ONE@@${name}`, namespaceId: "other" })).toEqual([7003]);
      expect(await ports({ serviceName: name })).toEqual([]);
    });
  });

  test("takes metadata of 1,024 characters, and refuses more: by v1, by v3 and from operators", async () => {
    const at = { ...newService(), ip: "127.0.0.1", port: 7001 };
    const metadata = (length: number) => JSON.stringify({ k: "x".repeat(length - 1) });
    const v3 = { ...at, serviceName: at.serviceName.replace("DEFAULT_GROUP@@", "") };
    const status = async (method: string, path: string, length: number) =>
      (await http.v3(method, path, { ...v3, metadata: metadata(length) })).status;
    for (const path of ["/v1/ns/instance", "/v3/client/ns/instance"]) {
      expect(await status("POST", path, 1_024)).toBe(200);
      expect(await status("POST", path, 1_025)).toBe(400);
    }
    expect(await status("PUT", "/v3/admin/ns/instance", 1_025)).toBe(400);
  });

  test("an instance that registers in another cluster has moved there", async () => {
    const service = newService();
    const at = { ...service, ip: "127.0.0.1", port: 7001 };
    await http.register({ ...at, clusterName: "east" });
    await http.register({ ...at, clusterName: "west" });
    await http.register({ ...at, port: 7002 });
    const ports = async (clusters?: string) =>
      (await http.list({ ...service, ...(clusters !== undefined && { clusters }) })).hosts
        .map(({ port, clusterName }) => `${port} ${clusterName}`)
        .sort();
    await eventually(async () => expect(await ports()).toEqual(["7001 west", "7002 DEFAULT"]));
    expect(await ports("east")).toEqual([]);
    expect(await ports("east,west")).toEqual(["7001 west"]);
    await http.deregister({ ...at, clusterName: "north" });
    await eventually(async () => expect(await ports()).toEqual(["7002 DEFAULT"]));
  });

  test("lists only the healthy where the query says so", async () => {
    const service = newService();
    const at = { ...service, ip: "127.0.0.1" };
    await http.register({ ...at, port: 7001, healthy: false });
    await http.register({ ...at, port: 7002 });
    await eventually(async () => expect((await http.list(service)).hosts).toHaveLength(2));
    const { hosts } = await http.list({ ...service, healthyOnly: true });
    expect(hosts.map(({ port }) => port)).toEqual([7002]);
  });

  test("does not list an instance that is disabled", async () => {
    const service = newService();
    await http.register({ ...service, ip: "127.0.0.1", port: 7001, enabled: false });
    await http.register({ ...service, ip: "127.0.0.1", port: 7002 });
    await eventually(async () => {
      const { hosts } = await http.list(service);
      expect(hosts.map(({ port }) => port)).toEqual([7002]);
    });
  });

  test("a full beat brings an unknown instance back, a light one reports it unknown", async () => {
    const service = newService();
    const light = await http.beat({ ...service, ip: "127.0.0.1", port: 7001 });
    expect(light).toMatchObject({ code: 20_404 });

    const metadata = { "preserved.heart.beat.interval": "1000", version: "9" };
    const beat = { ip: "127.0.0.1", port: 7001, cluster: "DEFAULT", weight: 3, metadata, ...service };
    const full = await http.beat({ ...service, beat: JSON.stringify(beat) });
    expect(full).toMatchObject({ code: 10_200, clientBeatInterval: 1_000 });
    await eventually(async () => {
      const { hosts } = await http.list(service);
      expect(hosts).toMatchObject([{ port: 7001, weight: 3, healthy: true, metadata }]);
    });
  });

  test("a silent instance turns unhealthy and then goes, a beating one stays", async () => {
    const service = newService();
    const metadata = QUICK;
    await http.register({ ...service, ip: "127.0.0.1", port: 7001, metadata });
    await http.register({ ...service, ip: "127.0.0.1", port: 7002, metadata });
    const beating = setInterval(() => {
      http.beat({ ...service, ip: "127.0.0.1", port: 7002 }).catch(() => {});
    }, 250);
    cleanups.push(async () => clearInterval(beating));

    const healthByPort = async () =>
      Object.fromEntries((await http.list(service)).hosts.map(({ port, healthy }) => [port, healthy]));
    await eventually(async () => expect(await healthByPort()).toEqual({ 7001: true, 7002: true }));
    await eventually(async () => expect(await healthByPort()).toEqual({ 7001: false, 7002: true }));
    await eventually(async () => expect(await healthByPort()).toEqual({ 7002: true }));
  });

  test("pushes a change by datagram to whoever listed with a port", async () => {
    const service = newService();
    const socket = createSocket("udp4");
    const pushed: { type: string; data: string; lastRefTime: number }[] = [];
    socket.on("message", (message, from) => {
      const zipped = message[0] === 0x1f && message[1] === 0x8b;
      const push = JSON.parse(String(zipped ? gunzipSync(message) : message));
      pushed.push(push);
      const ack = { type: "push-ack", lastRefTime: push.lastRefTime, data: "" };
      socket.send(JSON.stringify(ack), from.port, from.address);
    });
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    cleanups.push(() => new Promise<void>((resolve) => socket.close(resolve)));

    const asking = { clusters: "DEFAULT", udpPort: socket.address().port, clientIP: "127.0.0.1" };
    await http.list({ ...service, ...asking });
    await http.register({ ...service, ip: "127.0.0.1", port: 7001 });

    await eventually(() => {
      const lists = pushed.filter(({ type }) => type === "dom").map(({ data }) => JSON.parse(data));
      expect(lists).toContainEqual(
        expect.objectContaining({
          name: service.serviceName,
          clusters: "DEFAULT",
          hosts: [expect.objectContaining({ port: 7001 })],
        }),
      );
    });
  });

  test("names the services of a group, and says that it is up", async () => {
    const group = `G-${randomUUID().slice(0, 8)}`;
    await http.register({ serviceName: "b", groupName: group, ip: "127.0.0.1", port: 7001 });
    await http.register({ serviceName: "a", groupName: group, ip: "127.0.0.1", port: 7001 });
    await eventually(async () => {
      const list = await http.services({ groupName: group, pageNo: 1, pageSize: 10 });
      expect(list.count).toBe(2);
      expect([...list.doms].sort()).toEqual(["a", "b"]);
    });
    expect(await http.metrics()).toMatchObject({ status: "UP" });
  });

  test("names all services on one page, as large as a client may ask for", async () => {
    const groupName = `G-${randomUUID().slice(0, 8)}`;
    await http.register({ serviceName: "a", groupName, ip: "127.0.0.1", port: 7001 });
    await http.register({ serviceName: "b", groupName, ip: "127.0.0.1", port: 7001 });
    // What Spring's discovery client sends.
    const all = { groupName, pageNo: 1, pageSize: 2_147_483_647 };
    await eventually(async () => expect([...(await http.services(all)).doms].sort()).toEqual(["a", "b"]));
    expect(await http.services({ ...all, pageNo: 2 })).toEqual({ count: 2, doms: [] });
  });

  test("says to a load balancer that it is up", async () => {
    expect((await http.request("GET", "/actuator/health")).json()).toMatchObject({ status: "UP" });
  });

  test.each([
    ["POST", "/v1/ns/instance?ip=127.0.0.1&port=1", "no service"],
    ["POST", "/v1/ns/instance?serviceName=x&port=1", "no address"],
    ["POST", "/v1/ns/instance?serviceName=x&ip=127.0.0.1&port=abc", "a port that is none"],
    ["POST", "/v1/ns/instance?serviceName=x&ip=127.0.0.1&port=70000", "a port too high"],
    ["POST", "/v1/ns/instance?serviceName=x&ip=127.0.0.1&port=1&weight=-1", "a negative weight"],
    [
      "POST",
      "/v1/ns/instance?serviceName=x&ip=127.0.0.1&port=1&clusterName=a_b",
      "a cluster of wrong letters",
    ],
    ["DELETE", "/v1/ns/instance?serviceName=x&ip=127.0.0.1", "no port"],
    ["GET", "/v1/ns/instance/list", "no service to list"],
    ["GET", "/v1/ns/service/list", "no page"],
  ])("refuses %s %s: %s", async (method, path) => {
    expect((await http.request(method, path)).status).toBe(400);
  });
});
