// What an adapter of the registry port must do on any registry.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { NacosScope } from "../../../lib/discovery/registry/nacos-naming.ts";
import { NacosRegistry } from "../../../lib/discovery/registry/nacos-registry.ts";
import type { Instance, Registration, Registry } from "../../../lib/discovery/registry/registry.ts";
import { apiChoice } from "../../../lib/nacos/api.ts";
import { eventually } from "../../support/poll.ts";
import { silentLog } from "../../support/silent-log.ts";
import { newName, openRegistry, registryName } from "./registry-under-test.ts";

const HERE: NacosScope = { namespace: "public", group: "DEFAULT_GROUP", cluster: "DEFAULT" };

/** Long enough for an instance whose beats do not count to be unhealthy (3 s) and gone (6 s). */
const STEADY_MS = 9_000;

/** A real Nacos takes its time for the first requests after its start, and for all of them on a busy machine. */
const ANSWER_WITHIN_MS = 60_000;

const { address } = await openRegistry();

describe.each(["v1", "v3", "grpc"] as const)(`the Nacos %s adapter on ${registryName}`, (api) => {
  const open: Registry[] = [];
  const connect = (scope: Partial<NacosScope> = {}) =>
    new NacosRegistry({
      server: address,
      ...HERE,
      ...scope,
      ...apiChoice(api, false),
      answerWithinMs: ANSWER_WITHIN_MS,
      log: silentLog,
    });
  const client = (scope?: Partial<NacosScope>) => {
    const registry = connect(scope);
    open.push(registry);
    return registry;
  };
  const newRegistration = (port = 7001, service = newName()): Registration => ({
    service,
    host: "127.0.0.1",
    port,
    weight: 1,
    metadata: { instance: randomUUID(), version: "1" },
  });

  // One that is registered all the while, in sight of another client.
  const steadyClients: Registry[] = [];
  const steadyLists: (readonly Instance[])[] = [];
  let steadySince = 0;
  beforeAll(async () => {
    const [writer, reader] = [connect(), connect()];
    steadyClients.push(writer, reader);
    const registration = newRegistration();
    await writer.register(registration);
    steadySince = Date.now();
    reader.watch(registration.service, (instances) => steadyLists.push(instances));
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((registry) => registry.close()));
  });
  afterAll(async () => {
    await Promise.all(steadyClients.map((registry) => registry.close()));
  });

  test("what is registered is listed as announced, healthy and enabled", async () => {
    const registration = { ...newRegistration(), weight: 2.5 };
    await client().register(registration);
    await eventually(async () => {
      const instances = await client().list(registration.service);
      expect(instances).toEqual([
        {
          ...registration,
          healthy: true,
          enabled: true,
          metadata: expect.objectContaining(registration.metadata),
        },
      ]);
    });
  });

  test("an instance may take no traffic: weight 0", async () => {
    const registration = { ...newRegistration(), weight: 0 };
    await client().register(registration);
    const reader = client();
    await eventually(async () =>
      expect(await reader.list(registration.service)).toMatchObject([{ weight: 0 }]),
    );
  });

  test("an unknown service is an empty list, also for many queries at once", async () => {
    const reader = client();
    const { service } = newRegistration();
    const lists = await Promise.all(Array.from({ length: 20 }, () => reader.list(service)));
    expect(lists).toEqual(Array.from({ length: 20 }, () => []));
  });

  test("the last instance's removal is listed and watched", async () => {
    const [one, two] = [client(), client()];
    const registration = newRegistration();
    const seen: number[] = [];
    two.watch(registration.service, (instances) => seen.push(instances.length));
    await eventually(() => expect(seen).toEqual([0]));
    await one.register(registration);
    await eventually(() => expect(seen).toEqual([0, 1]));
    await one.deregister(registration);
    await eventually(async () => expect(await two.list(registration.service)).toEqual([]));
    await eventually(() => expect(seen).toEqual([0, 1, 0]));
    await one.register(registration);
    await eventually(() => expect(seen).toEqual([0, 1, 0, 1]));
  });

  test("a watch follows instances that come and go, and is silent once ended", async () => {
    const [writer, reader] = [client(), client()];
    const first = newRegistration(7001);
    const second = newRegistration(7002, first.service);
    let ports: number[] = [];
    const follow = (instances: readonly Instance[]) => {
      ports = instances.map(({ port }) => port);
    };
    const unwatch = reader.watch(first.service, follow);
    await writer.register(first);
    await writer.register(second);
    await eventually(() => expect(ports).toEqual([7001, 7002]));
    await writer.deregister(first);
    await eventually(() => expect(ports).toEqual([7002]));
    unwatch();
    await writer.register(first);
    await eventually(async () => expect(await reader.list(first.service)).toHaveLength(2));
    expect(ports).toEqual([7002]);
  });

  test("registering twice and deregistering twice is the same as once", async () => {
    const registry = client();
    const registration = newRegistration();
    await Promise.all([registry.register(registration), registry.register(registration)]);
    await eventually(async () => expect(await registry.list(registration.service)).toHaveLength(1));
    await Promise.all([registry.deregister(registration), registry.deregister(registration)]);
    await eventually(async () => expect(await registry.list(registration.service)).toEqual([]));
  });

  test("after deregistering right after registering nothing is registered, not even by a late heartbeat", async () => {
    const registry = client();
    const registration = newRegistration();
    const registered = registry.register(registration);
    await registry.deregister(registration);
    await registered;
    await eventually(async () => expect(await registry.list(registration.service)).toEqual([]));
    await sleep(2_000);
    expect(await registry.list(registration.service)).toEqual([]);
  });

  test("closing takes out what was registered", async () => {
    const registry = client();
    const registration = newRegistration();
    const reader = client();
    await registry.register(registration);
    await eventually(async () => expect(await reader.list(registration.service)).toHaveLength(1));
    await registry.close();
    await eventually(async () => expect(await reader.list(registration.service)).toEqual([]));
  });

  test("groups, namespaces and clusters do not see each other", async () => {
    const registration = newRegistration();
    const east = client({ cluster: "east" });
    const elsewhere = [client({ group: "OTHER" }), client({ namespace: "other" }), east];
    const here = client();
    const seen: number[] = [];
    here.watch(registration.service, (instances) => seen.push(instances.length));
    for (const each of elsewhere) await each.register(registration);
    for (const each of elsewhere) {
      await eventually(async () => expect(await each.list(registration.service)).toHaveLength(1));
      expect(each.reachable()).toBe(true);
    }
    expect(await here.list(registration.service)).toEqual([]);
    await east.deregister(registration);
    await here.register(registration);
    await eventually(() => expect(seen).toEqual([0, 1]));
    expect(await east.list(registration.service)).toEqual([]);
  });

  test("metadata of any text is listed as it was announced, also a long one", async () => {
    const metadata = { name: '张三 & co = {"x": 1}', routes: "GET /api/orders/{id}/ ".repeat(40) };
    const registration = { ...newRegistration(), metadata };
    await client().register(registration);
    const reader = client();
    await eventually(async () => {
      const [instance] = await reader.list(registration.service);
      expect(instance).toMatchObject({ healthy: true, metadata });
    });
  });

  test("a registered instance never flaps", async () => {
    const beaten = steadySince + STEADY_MS - Date.now();
    if (beaten > 0) await sleep(beaten);
    // The first list may have come before the registration.
    const [first = [], ...rest] = steadyLists;
    const lists = first.length === 0 ? rest : [first, ...rest];
    expect(lists).toEqual([[expect.objectContaining({ healthy: true, enabled: true })]]);
  });
});
