// What an adapter of the registry port must do, as tests that run against any server it is made for.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { NacosScope } from "../../lib/discovery/nacos-naming.ts";
import type { Instance, Registration, Registry } from "../../lib/discovery/registry.ts";
import { eventually } from "./eventually.ts";

export interface Server {
  readonly address: string;
  close(): Promise<void>;
}

type Scope = NacosScope;
const HERE: Scope = { namespace: "public", group: "DEFAULT_GROUP", cluster: "DEFAULT" };

/** Declares the suite for the adapter that `connect` makes, talking to the server that `start` brings up. */
export function adapterConformance(
  name: string,
  start: () => Promise<Server>,
  connect: (address: string, scope: Scope) => Registry,
): void {
  describe(name, () => {
    let server: Server;
    const open: Registry[] = [];
    const client = (scope: Partial<Scope> = {}) => {
      const registry = connect(server.address, { ...HERE, ...scope });
      open.push(registry);
      return registry;
    };
    const newRegistration = (port = 7001, service = `svc-${randomUUID().slice(0, 8)}`): Registration => ({
      service,
      host: "127.0.0.1",
      port,
      weight: 1,
      metadata: { instance: randomUUID(), version: "1" },
    });

    beforeAll(async () => {
      server = await start();
    }, 120_000);
    afterEach(async () => {
      await Promise.all(open.splice(0).map((registry) => registry.close()));
    });
    afterAll(() => server?.close());

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

    test("an unknown service is an empty list, also when asked for many times at once", async () => {
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

    test("deregistering right after registering leaves nothing behind, not even by a late beat", async () => {
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

    test("a registered instance never flaps", async () => {
      const registration = newRegistration();
      await client().register(registration);
      const reader = client();
      await eventually(async () => expect(await reader.list(registration.service)).toHaveLength(1));
      const until = Date.now() + 11_000;
      while (Date.now() < until) {
        expect(await reader.list(registration.service)).toMatchObject([{ healthy: true }]);
        await sleep(100);
      }
    }, 30_000);

    test("groups, namespaces and clusters do not see each other", async () => {
      const registration = newRegistration();
      const elsewhere = [client({ group: "OTHER" }), client({ namespace: "other" })];
      for (const each of elsewhere) await each.register(registration);
      expect(await client().list(registration.service)).toEqual([]);
      for (const each of elsewhere) {
        await eventually(async () => expect(await each.list(registration.service)).toHaveLength(1));
        expect(each.reachable()).toBe(true);
      }
    });
  });
}
