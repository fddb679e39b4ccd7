import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { NacosV1Registry } from "../../lib/discovery/nacos-v1.ts";
import type { Registration } from "../../lib/discovery/registry.ts";
import { type RunningRegistry, startRegistry } from "../../local/registry/server.ts";
import { adapterConformance } from "./adapter-conformance.ts";
import { eventually } from "./eventually.ts";

const log = pino({ level: "silent" });
const connect = (server: string, scope = { namespace: "public", group: "DEFAULT_GROUP" }) =>
  new NacosV1Registry({ server, ...scope, log });

adapterConformance(
  "the Nacos v1 adapter on the embedded registry",
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "cfmp-registry-"));
    const registry = await startRegistry({ host: "127.0.0.1", port: 0, dataDir, log });
    return {
      address: `127.0.0.1:${registry.port}`,
      close: async () => {
        await registry.close();
        await rm(dataDir, { recursive: true });
      },
    };
  },
  connect,
);

describe("the Nacos v1 adapter", () => {
  let dataDir: string;
  let server: RunningRegistry;
  let registry: NacosV1Registry;
  const registration: Registration = {
    service: "OrderService",
    host: "127.0.0.1",
    port: 8001,
    weight: 3,
    metadata: { instance: "one" },
  };
  const start = async (port = 0) => {
    server = await startRegistry({ host: "127.0.0.1", port, dataDir, log });
  };
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "cfmp-registry-"));
    await start();
    registry = connect(`127.0.0.1:${server.port}`);
  });
  afterEach(async () => {
    await registry.close();
    await server.close();
    await rm(dataDir, { recursive: true });
  });

  test("registers again after the registry lost everything, and watches go on", async () => {
    let healthy: boolean[] = [];
    registry.watch("OrderService", (instances) => {
      healthy = instances.map((each) => each.healthy);
    });
    await registry.register(registration);
    await eventually(() => expect(healthy).toEqual([true]));

    const { port } = server;
    await server.close();
    await eventually(() => expect(registry.reachable()).toBe(false));
    await expect(registry.list("OrderService")).rejects.toMatchObject({ code: "registry_unavailable" });
    await start(port);
    await eventually(async () => expect(await registry.list("OrderService")).toMatchObject([registration]));
    expect(registry.reachable()).toBe(true);
    await registry.deregister(registration);
    await eventually(() => expect(healthy).toEqual([]));
  });

  test("an instance whose process dies is unhealthy after 3 s and gone after 6 s", async () => {
    const abandoned = connect(`127.0.0.1:${server.port}`);
    await abandoned.register(registration);
    await abandoned.deregister(registration);
    // As if killed: announced once, never renewed.
    const query = new URLSearchParams({
      serviceName: "DEFAULT_GROUP@@OrderService",
      ip: "127.0.0.1",
      port: "8001",
      metadata: JSON.stringify({
        "preserved.heart.beat.timeout": "3000",
        "preserved.ip.delete.timeout": "6000",
      }),
    });
    await fetch(`http://127.0.0.1:${server.port}/nacos/v1/ns/instance?${query}`, { method: "POST" });
    const began = Date.now();
    await eventually(async () =>
      expect(await registry.list("OrderService")).toMatchObject([{ healthy: false }]),
    );
    expect(Date.now() - began).toBeGreaterThan(2_900);
    await eventually(async () => expect(await registry.list("OrderService")).toEqual([]));
    expect(Date.now() - began).toBeGreaterThan(5_900);
    await abandoned.close();
  });

  test("leaves a dead registry alone: a few attempts a second at most, however often it is asked", async () => {
    const { port } = server;
    await registry.register(registration);
    registry.watch("OrderService", () => {});
    await server.close();
    let connections = 0;
    const dead = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => dead.listen(port, "127.0.0.1", resolve));

    const until = Date.now() + 3_000;
    let refused = 0;
    while (Date.now() < until) {
      await registry.list("OrderService").catch(() => {
        refused += 1;
      });
      await sleep(1);
    }
    await new Promise((resolve) => dead.close(resolve));
    expect(refused).toBeGreaterThan(100);
    expect(connections).toBeGreaterThan(0);
    expect(connections).toBeLessThan(20);
    await start(port);
  });

  test("registering at a dead registry fails soon, and nothing is announced behind the caller's back", async () => {
    const { port } = server;
    await server.close();
    await expect(registry.register(registration)).rejects.toMatchObject({ code: "registry_unavailable" });
    await start(port);
    await eventually(async () => expect(await registry.list("OrderService")).toEqual([]));
    await registry.register(registration);
    await eventually(async () => expect(await registry.list("OrderService")).toHaveLength(1));
  });

  test("refuses to announce loopback to a registry elsewhere, before anything is sent", async () => {
    const elsewhere = connect("nacos.invalid:8848");
    await expect(elsewhere.register(registration)).rejects.toMatchObject({ code: "loopback_advertised" });
    await elsewhere.close();
  });
});
