// Discovery whole: real peers, the embedded registry, real connections.

import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { loadConfig } from "../../../lib/config/env.ts";
import { createDiscovery, DEFAULT_POLICY, type PeerReply } from "../../../lib/discovery/index.ts";
import { InProcessListeners } from "../../../lib/discovery/peer/in-process.ts";
import { listen } from "../../support/free-ports.ts";
import { eventually } from "../../support/poll.ts";
import { silentLog as log } from "../../support/silent-log.ts";
import { Stage } from "./stage.ts";

/** Time for a call that no machine needs. */
const LONG_MS = 60_000;
const REQUEST = {
  caller: "OrderService",
  method: "GET",
  path: "/x/",
  headers: {},
  retryable: true,
} as const;
/** For shares: a process that the machine stops for a moment replies late, and would rightly get fewer calls for a while. */
const forgetsLatencies = () => ({ ...DEFAULT_POLICY, latencyDecayMs: 1 });

describe("discovery", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await Stage.open();
  });
  afterEach(() => stage.close());

  const call = async (service = "PaymentService", within = LONG_MS, retryable = true) => {
    const deadline = performance.now() + within;
    const reply = await stage.discovery.call(service, { ...REQUEST, retryable, deadline });
    expect(reply.status).toBe(200);
    return JSON.parse(reply.body).instance;
  };
  /** Calls from `parallel` callers until `stop` resolves; gives the number of calls. The first failure is thrown. */
  const callUntil = async (stop: Promise<unknown>, parallel = 8) => {
    let stopped = false;
    let calls = 0;
    const caller = async () => {
      while (!stopped) {
        await call();
        calls += 1;
      }
    };
    const callers = Promise.all(Array.from({ length: parallel }, caller));
    await Promise.race([stop, callers]);
    stopped = true;
    await callers;
    return calls;
  };

  test("a service is found by its name, and described", async () => {
    const peer = await stage.announcedPeer();
    expect(await call()).toBe(peer.registration.metadata["instance"]);
    // The first reply is no measure of latency.
    await call();
    const { host, port } = peer.registration;
    expect(await stage.discovery.describe("PaymentService")).toMatchObject({
      service: "PaymentService",
      chosen: { host, port, url: `http://127.0.0.1:${port}` },
      instances: [
        {
          host,
          port,
          weight: 1,
          healthy: true,
          enabled: true,
          ejected: false,
          in_flight: 0,
          latency_ms: expect.any(Number),
          source: "registry",
          age_ms: expect.any(Number),
          metadata: expect.objectContaining(peer.registration.metadata),
        },
      ],
    });
    expect(stage.discovery.status()).toBe("ok");
  });

  test("a service without a fixed URL is found in the registry, beside those that have one", async () => {
    const { registration } = await stage.announcedPeer();
    const urlOf = (service: string) => (service === "OrderService" ? "http://127.0.0.1:9" : undefined);
    const both = stage.newDiscovery({ urlOf });
    expect(await both.describe("PaymentService")).toMatchObject({
      instances: [{ port: registration.port, source: "registry" }],
    });
    expect(await both.describe("OrderService")).toMatchObject({ instances: [{ port: 9, source: "static" }] });
    await both.close();
  });

  test("a new instance gets its share at once", async () => {
    await stage.restart({ policy: forgetsLatencies });
    const first = await stage.announcedPeer();
    await call();
    const second = await stage.announcedPeer();
    await eventually(async () => {
      await call();
      expect(second.calls).toBeGreaterThan(0);
    });
    const before = [first.calls, second.calls];
    for (let n = 0; n < 25; n += 1) await Promise.all(Array.from({ length: 8 }, () => call()));
    expect(first.calls - (before[0] ?? 0)).toBeGreaterThan(40);
    expect(second.calls - (before[1] ?? 0)).toBeGreaterThan(40);
  });

  test("an instance that is the caller's own process is called inside it; the other gets its share", async () => {
    const own = await stage.announcedPeer();
    const inProcess = new InProcessListeners();
    let calls = 0;
    const exchange = {
      start(onReply: (reply: PeerReply) => void) {
        calls += 1;
        const body = JSON.stringify({ instance: own.registration.metadata["instance"] });
        setImmediate(() => onReply({ status: 200, headers: {}, body }));
      },
      hangUp() {},
    };
    const instance = own.registration.metadata["instance"] ?? "";
    const identity = { service: "PaymentService", instance, port: own.port };
    const remove = inProcess.add({ ...identity, accept: () => exchange });
    await stage.restart({ inProcess, policy: forgetsLatencies });
    const other = await stage.announcedPeer();
    await eventually(async () => {
      await call();
      expect(other.calls).toBeGreaterThan(0);
    });
    const before = [calls, other.calls];
    for (let n = 0; n < 25; n += 1) await Promise.all(Array.from({ length: 8 }, () => call()));
    expect(calls - (before[0] ?? 0)).toBeGreaterThan(40);
    expect(other.calls - (before[1] ?? 0)).toBeGreaterThan(40);
    expect(own.calls).toBe(0);
    // Its listener closes: as over HTTP nobody is there, and the other one answers.
    remove();
    await own.kill();
    for (let n = 0; n < 10; n += 1) expect(await call()).toBe(other.registration.metadata["instance"]);
  });

  test("no call fails while one of two instances is killed and its port is taken by another", async () => {
    const [victim] = [await stage.announcedPeer(), await stage.announcedPeer()];
    await call();
    const killed = (async () => {
      await eventually(() => expect(victim.calls).toBeGreaterThan(50));
      await victim.kill();
      const squatter = await stage.newPeer(victim.port, "OrderService");
      const before = stage.peers.reduce((sum, { calls }) => sum + calls, 0);
      await eventually(() =>
        expect(stage.peers.reduce((sum, { calls }) => sum + calls, 0)).toBeGreaterThan(before + 200),
      );
      expect(squatter.calls).toBe(0);
    })();
    expect(await callUntil(killed)).toBeGreaterThan(100);
  });

  test("no call fails while the registry is away, nor after it came back without memory", async () => {
    const [one] = [await stage.announcedPeer(), await stage.announcedPeer()];
    await call();
    const away = (async () => {
      await stage.registry.stop();
      await eventually(() => expect(stage.discovery.status()).toBe("degraded"));
      const { instances } = await stage.discovery.describe("PaymentService");
      expect(instances).toHaveLength(2);
      // Nobody announces them any more: an empty registry comes up, in which they will stay unknown.
      await stage.announcer.close();
      await stage.registry.restart();
      await eventually(() => expect(stage.discovery.status()).toBe("ok"));
      await eventually(async () => {
        const seen = await stage.discovery.describe("PaymentService");
        expect(seen.instances.map(({ source }) => source)).toEqual(["snapshot", "snapshot"]);
      });
    })();
    await callUntil(away, 2);
    // One that drains answers its health check with 503: it is not kept.
    one.health = 503;
    await eventually(async () => {
      await call();
      expect((await stage.discovery.describe("PaymentService")).instances).toHaveLength(1);
    });
  });

  test("an unknown service, and one whose instances are all dead, are unavailable at once", async () => {
    await call("NobodyService").catch(() => {});
    const deadline = performance.now() + LONG_MS;
    await expect(call("NobodyService", LONG_MS)).rejects.toMatchObject({
      code: "peer_unavailable",
      maybeSent: false,
    });
    const peer = await stage.announcedPeer();
    await call();
    await peer.kill();
    await expect(call("PaymentService", LONG_MS, false)).rejects.toMatchObject({ code: "peer_unavailable" });
    expect(performance.now()).toBeLessThan(deadline);
  });

  test("without any registry a call fails within its deadline, and works as soon as there is one", async () => {
    await stage.registry.stop();
    const deadline = performance.now() + LONG_MS;
    await expect(call("PaymentService", LONG_MS)).rejects.toMatchObject({ code: "peer_unavailable" });
    expect(performance.now()).toBeLessThan(deadline);
    await stage.registry.restart();
    await eventually(async () => {
      if (stage.peers.length === 0) await stage.announcedPeer();
      await call();
    });
  });
});

describe("discovery with fixed URLs", () => {
  test("calls them, under their base path, and says so", async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.url);
      response.end("{}");
    });
    const port = await listen(server);
    const url = `http://127.0.0.1:${port}/prod/`;
    const urlOf = (service: string) => (service === "PaymentService" ? url : undefined);
    const discovery = createDiscovery(loadConfig({}), log, { urlOf });
    await discovery.call("PaymentService", { ...REQUEST, deadline: performance.now() + LONG_MS });
    expect(seen).toEqual(["/prod/x/"]);
    expect(await discovery.describe("PaymentService")).toMatchObject({
      chosen: { url: `http://127.0.0.1:${port}/prod` },
      instances: [{ source: "static", healthy: true }],
    });
    await discovery.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test.each([false, true])(
    "says which setting names a service that has none (frozen: %p)",
    async (frozen) => {
      const discovery = createDiscovery(loadConfig({}), log, { frozen });
      const deadline = performance.now() + LONG_MS;
      await expect(discovery.call("GiftCardService", { ...REQUEST, deadline })).rejects.toThrow(
        /^GiftCardService is not available: .*set GIFT_CARD_SERVICE_URL, or NACOS_SERVER/,
      );
      expect(await discovery.describe("GiftCardService")).toEqual({
        service: "GiftCardService",
        chosen: null,
        instances: [],
      });
      await discovery.close();
    },
  );

  test("neither loads the `nacos` package nor, before the first call, undici", async () => {
    const script = `
      import { createRequire } from "node:module";
      const { createDiscovery } = await import("./lib/discovery/index.ts");
      const { loadConfig } = await import("./lib/config/env.ts");
      const url = "http://127.0.0.1:9";
      const quiet = { debug() {}, info() {}, warn() {}, error() {} };
      const discovery = createDiscovery(loadConfig({ NACOS_SERVER: "127.0.0.1:9" }), quiet, { urlOf: () => url });
      const loaded = (name) =>
        Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes("node_modules/" + name + "/"));
      const before = [loaded("nacos"), loaded("undici")];
      const request = { method: "GET", path: "/", headers: {}, retryable: true, deadline: performance.now() + 60_000 };
      await discovery.call("OrderService", request).catch(() => {});
      console.log(JSON.stringify([...before, loaded("nacos"), loaded("undici"), discovery.status()]));
      await discovery.close();`;
    const options = { cwd: join(import.meta.dirname, "..", "..", ".."), timeout: LONG_MS };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "-e", script],
      options,
    );
    expect(JSON.parse(stdout)).toEqual([false, false, false, true, "ok"]);
  });
});
