// Naming by Nacos' v3 API, of clients and of operators: what any registry must answer.

import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import * as z from "zod";
import { eventually } from "../../support/poll.ts";
import { newName, openRegistry, QUICK, registryName } from "./registry-under-test.ts";

const { http } = await openRegistry();
const { v3 } = http;

const CLIENT = "/v3/client/ns/instance";
const ADMIN = "/v3/admin/ns/instance";
const counts = z.looseObject({ instanceCount: z.number(), clientCount: z.number() });
const OK = { status: 200, code: 0, data: "ok" };

const newService = () => ({ serviceName: newName(), groupName: "DEFAULT_GROUP" });
const newInstance = (port = 7001) => ({ ...newService(), ip: "127.0.0.1", port });

describe(`${registryName}, as a Nacos registry: naming by v3`, () => {
  const listed = async (service: Parameters<typeof v3>[2]) =>
    (await v3("GET", `${CLIENT}/list`, service)).data;

  test("register, renew, list and deregister", async () => {
    const at = newInstance();
    const { ip: _ip, port: _port, ...service } = at;
    expect(await v3("POST", CLIENT, { ...at, heartBeat: true })).toMatchObject({ status: 200, code: 21_003 });
    expect(await v3("POST", CLIENT, { ...at, weight: 2.5, metadata: '{"a":"1"}' })).toMatchObject(OK);
    expect(await v3("POST", CLIENT, { ...at, heartBeat: true })).toMatchObject(OK);
    await eventually(async () =>
      expect(await listed(service)).toEqual([
        expect.objectContaining({
          ip: "127.0.0.1",
          port: 7001,
          weight: 2.5,
          healthy: true,
          enabled: true,
          ephemeral: true,
          clusterName: "DEFAULT",
          serviceName: `DEFAULT_GROUP@@${service.serviceName}`,
          metadata: { a: "1" },
          instanceHeartBeatInterval: 5_000,
          instanceHeartBeatTimeOut: 15_000,
          ipDeleteTimeout: 30_000,
        }),
      ]),
    );
    expect(await v3("DELETE", CLIENT, at)).toMatchObject(OK);
    await eventually(async () => expect(await listed(service)).toEqual([]));
    expect(await v3("DELETE", CLIENT, at)).toMatchObject(OK);
  });

  test("an unknown service is an empty list", async () => {
    expect(await v3("GET", `${CLIENT}/list`, newService())).toMatchObject({ status: 200, code: 0, data: [] });
  });

  test("shows what was registered by v1, and v1 what was registered here", async () => {
    const at = newInstance();
    await v3("POST", CLIENT, at);
    await http.register({ ...at, port: 7002 });
    const ports = (hosts: readonly { port: number }[]) => hosts.map(({ port }) => port).sort();
    await eventually(async () => {
      expect(ports((await http.list(at)).hosts)).toEqual([7001, 7002]);
      expect(await listed(at)).toHaveLength(2);
    });
    expect(await http.beat(at)).toMatchObject({ code: 10_200 });
    expect(await v3("POST", CLIENT, { ...at, port: 7002, heartBeat: true })).toMatchObject(OK);
  });

  test("keeps groups, namespaces and clusters apart; without a cluster it means DEFAULT", async () => {
    const at = newInstance();
    await v3("POST", CLIENT, at);
    await v3("POST", CLIENT, { ...at, port: 7002, groupName: "OTHER" });
    await v3("POST", CLIENT, { ...at, port: 7003, namespaceId: "other" });
    await v3("POST", CLIENT, { ...at, port: 7004, clusterName: "east" });
    const hosts = (...ports: number[]) => ports.map((port) => expect.objectContaining({ port }));
    await eventually(async () => {
      expect(await listed(at)).toEqual(hosts(7001));
      expect(await listed({ ...at, groupName: "OTHER" })).toEqual(hosts(7002));
      expect(await listed({ ...at, namespaceId: "other" })).toEqual(hosts(7003));
      expect(await listed({ ...at, clusterName: "east" })).toEqual(hosts(7004));
      expect(await listed({ ...at, clusterName: "east,DEFAULT" })).toHaveLength(2);
    });
  });

  test("takes a name as it is: no group in front of it", async () => {
    const at = newInstance();
    await v3("POST", CLIENT, { ...at, serviceName: `DEFAULT_GROUP@@${at.serviceName}` });
    const grouped = { ...at, serviceName: `DEFAULT_GROUP@@${at.serviceName}` };
    await eventually(async () => expect(await listed(grouped)).toHaveLength(1));
    expect(await listed(at)).toEqual([]);
  });

  test("lists unhealthy instances as well, whatever the query says", async () => {
    const at = newInstance();
    await v3("POST", CLIENT, { ...at, healthy: false });
    await v3("POST", CLIENT, { ...at, port: 7002 });
    await eventually(async () => expect(await listed({ ...at, healthyOnly: true })).toHaveLength(2));
  });

  test("a silent instance turns unhealthy and then goes, a beating one stays", async () => {
    const at = newInstance();
    await v3("POST", CLIENT, { ...at, metadata: QUICK });
    await v3("POST", CLIENT, { ...at, port: 7002, metadata: QUICK });
    const beating = setInterval(() => {
      v3("POST", CLIENT, { ...at, port: 7002, heartBeat: true }).catch(() => {});
    }, 250);
    const health = async () =>
      Object.fromEntries((await http.list(at)).hosts.map(({ port, healthy }) => [port, healthy]));
    try {
      await eventually(async () => expect(await health()).toEqual({ 7001: true, 7002: true }));
      await eventually(async () => expect(await health()).toEqual({ 7001: false, 7002: true }));
      await eventually(async () => expect(await health()).toEqual({ 7002: true }));
      expect(await v3("POST", CLIENT, { ...at, heartBeat: true })).toMatchObject({ code: 21_003 });
    } finally {
      clearInterval(beating);
    }
  });

  test("an operator sets weight and metadata and switches off and on; that survives beats and registrations", async () => {
    const at = newInstance();
    const announced = { ...at, weight: 3, metadata: '{"version":"1","zone":"a"}' };
    const shown = async (expected: object) =>
      eventually(async () => {
        expect((await v3("GET", ADMIN, at)).data).toMatchObject(expected);
        expect((await v3("GET", `${ADMIN}/list`, at)).data).toMatchObject([expected]);
      });
    await v3("POST", CLIENT, announced);
    const setting = { ...at, weight: 9, enabled: false, metadata: '{"zone":"b"}' };
    expect(await v3("PUT", ADMIN, setting)).toMatchObject(OK);
    const metadata = { version: "1", zone: "b" };
    await shown({ weight: 9, enabled: false, metadata });
    await eventually(async () => expect(await listed(at)).toEqual([]));

    await v3("POST", CLIENT, announced);
    await v3("POST", CLIENT, { ...at, heartBeat: true });
    await shown({ weight: 9, enabled: false, metadata });

    const on = { ...at, weight: 4, enabled: true, metadata: '{"zone":"c"}' };
    expect(await v3("PUT", `${ADMIN}/partial`, on)).toMatchObject(OK);
    await shown({ weight: 4, enabled: true, metadata: { version: "1", zone: "c" } });
    await eventually(async () => expect(await listed(at)).toMatchObject([{ weight: 4 }]));

    // What is not said is set back.
    await v3("PUT", ADMIN, at);
    await shown({ weight: 1, enabled: true, metadata: { version: "1", zone: "a" } });
  });

  test("what an operator requests that is not there", async () => {
    const at = newInstance();
    const notFound = { status: 404, code: 20_004 };
    expect(await v3("PUT", ADMIN, at)).toMatchObject({ status: 400, code: 21_004 });
    expect(await v3("GET", `${ADMIN}/list`, at)).toMatchObject({ status: 404, code: 30_000 });
    await v3("POST", CLIENT, at);
    await eventually(async () => expect(await listed(at)).toHaveLength(1));
    expect(await v3("GET", ADMIN, { ...at, port: 7009 })).toMatchObject(notFound);
    expect(await v3("PUT", `${ADMIN}/partial`, { ...at, port: 7009 })).toMatchObject(notFound);
  });

  test("counts a group's services and their instances", async () => {
    const groupName = `G-${randomUUID().slice(0, 8)}`;
    const at = { ...newInstance(), groupName };
    await v3("POST", CLIENT, { ...at, serviceName: "one" });
    await v3("POST", CLIENT, { ...at, serviceName: "two" });
    await v3("POST", CLIENT, { ...at, serviceName: "two", port: 7002, clusterName: "east" });
    const params = { pageNo: 1, pageSize: 10, groupNameParam: groupName };
    await eventually(async () => {
      const { data } = await v3("GET", "/v3/admin/ns/service/list", params);
      expect(data).toMatchObject({ totalCount: 2, pageNumber: 1, pagesAvailable: 1 });
      expect(data).toHaveProperty(
        "pageItems",
        expect.arrayContaining([
          expect.objectContaining({ name: "one", groupName, ipCount: 1, clusterCount: 1 }),
          expect.objectContaining({ name: "two", ipCount: 2, healthyInstanceCount: 2, clusterCount: 2 }),
        ]),
      );
    });
  });

  test("shows a service, its instances on one page with others, and where it is not", async () => {
    const at = { ...newInstance(), groupName: `G-${randomUUID().slice(0, 8)}` };
    const { serviceName, groupName } = at;
    const SERVICE = "/v3/admin/ns/service";
    expect(await v3("GET", SERVICE, at)).toMatchObject({ status: 400, code: 21_008 });
    await v3("POST", CLIENT, { ...at, clusterName: "east" });
    const known = { namespaceId: "public", serviceName, groupName, ephemeral: true, metadata: {} };
    await eventually(async () =>
      expect((await v3("GET", SERVICE, at)).data).toMatchObject({
        ...known,
        clusterMap: { east: { clusterName: "east", useInstancePortForCheck: true } },
      }),
    );
    const all = { groupNameParam: groupName, withInstances: true };
    expect((await v3("GET", `${SERVICE}/list`, all)).data).toMatchObject({
      totalCount: 1,
      pageItems: [{ serviceName, groupName, clusterMap: { east: { hosts: [{ port: 7001 }] } } }],
    });
    const named = { serviceNameParam: serviceName.slice(1, -1), groupNameParam: groupName.slice(2) };
    expect((await v3("GET", `${SERVICE}/list`, named)).data).toMatchObject({ totalCount: 1 });
    expect(await v3("GET", `${SERVICE}/list`, { pageSize: 0 })).toMatchObject({ status: 400, code: 20_002 });
  });

  test("shows who registered and who subscribes", async () => {
    const at = newInstance(7_009);
    const service = { serviceName: at.serviceName, groupName: at.groupName };
    const NS = "/v3/admin/ns";
    await v3("POST", CLIENT, at);
    await http.list({ ...service, udpPort: 5_999, clientIP: "127.0.0.1" });
    const [publisher, subscriber] = ["127.0.0.1:7009#true", "127.0.0.1:5999#true"];
    const agent = "Nacos-Java-Client:v1.0.0";
    const info = { ip: "127.0.0.1", port: 5_999, address: "127.0.0.1:5999", agent };
    await eventually(async () => {
      expect((await v3("GET", `${NS}/service/subscribers`, service)).data).toMatchObject({
        totalCount: 1,
        pageItems: [{ ...service, namespaceId: "public", ...info }],
      });
      const { data: clients } = await v3("GET", `${NS}/client/list`, {});
      expect(clients).toEqual(expect.arrayContaining([publisher, subscriber]));
    });
    const of = async (path: string, params: Parameters<typeof v3>[2]) =>
      (await v3("GET", `${NS}/client${path}`, params)).data;
    expect(await of("", { clientId: publisher })).toMatchObject({
      clientId: publisher,
      clientType: "ipPort",
    });
    expect(await of("/publish/list", { clientId: publisher })).toContainEqual(
      expect.objectContaining({
        ...service,
        publisherInfo: expect.objectContaining({ ip: "127.0.0.1", port: 7_009, clusterName: "DEFAULT" }),
      }),
    );
    expect(await of("/subscribe/list", { clientId: subscriber })).toContainEqual(
      expect.objectContaining({ ...service, subscriberInfo: expect.objectContaining({ agent }) }),
    );
    expect(await of("/service/publisher/list", service)).toEqual([
      { clientId: publisher, ip: "127.0.0.1", port: 7_009, clusterName: "DEFAULT" },
    ]);
    expect(await of("/service/subscriber/list", service)).toMatchObject([{ clientId: subscriber, agent }]);
    expect(await of("/service/publisher/list", { ...service, ip: "127.0.0.1", port: 1 })).toEqual([]);
    const unknown = await v3("GET", `${NS}/client`, { clientId: "nobody" });
    expect(unknown).toMatchObject({ status: 404, code: 20_004 });
  });

  test("counts what it has, if an operator asks for more than that it is up", async () => {
    const METRICS = "/v3/admin/ns/ops/metrics";
    await v3("POST", CLIENT, newInstance());
    expect((await v3("GET", METRICS, {})).data).toEqual({ status: "UP" });
    const number = expect.any(Number);
    await eventually(async () => {
      const { data } = await v3("GET", METRICS, { onlyStatus: false });
      expect(data).toMatchObject({ status: "UP", serviceCount: number, subscribeCount: number });
      const { instanceCount, clientCount } = counts.parse(data);
      expect(Math.min(instanceCount, clientCount)).toBeGreaterThan(0);
    });
    for (const path of ["liveness", "readiness"])
      expect(await v3("GET", `/v3/admin/core/state/${path}`, {})).toMatchObject(OK);
  });

  test.each([
    ["POST", CLIENT, { ip: "127.0.0.1", port: 1 }, 10_000],
    ["POST", CLIENT, { serviceName: "x", port: 1 }, 10_000],
    ["POST", CLIENT, { serviceName: "x", ip: "127.0.0.1" }, 10_000],
    ["DELETE", CLIENT, { serviceName: "x", ip: "127.0.0.1" }, 10_000],
    ["GET", `${CLIENT}/list`, {}, 10_000],
    ["POST", CLIENT, { serviceName: "x", ip: "127.0.0.1", port: 1, weight: -1 }, 21_001],
    ["POST", CLIENT, { serviceName: "x", ip: "127.0.0.1", port: 1, clusterName: "a_b" }, 21_004],
  ])("refuses %s %s %j with code %d", async (method, path, params, code) => {
    expect(await v3(method, path, params)).toMatchObject({ status: 400, code });
  });

  test.each([
    { ip: "127.0.0.1", port: "abc" },
    { ip: "127.0.0.1", port: 70_000 },
    { ip: "no ip", port: 1 },
  ])("refuses an instance at %j", async (at) => {
    expect((await v3("POST", CLIENT, { serviceName: "x", ...at })).status).toBe(400);
  });
});
