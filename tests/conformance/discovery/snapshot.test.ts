// A process that starts while the registry is down: real peers, the embedded registry, real files.

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { loadConfig } from "../../../lib/config/env.ts";
import { createDiscovery, createRegistry, type Discovery } from "../../../lib/discovery/index.ts";
import type { Registry } from "../../../lib/discovery/registry/registry.ts";
import { type RunningRegistry, startRegistry } from "../../../local/registry/server.ts";
import { until } from "../../support/poll.ts";
import { TestPeer } from "./test-peer.ts";

const log = pino({ level: "silent" });
const SERVICE = "PaymentService";

let dataDir: string;
let registryDir: string;
let server: RunningRegistry;
let announcer: Registry;
let discovery: Discovery;
let peers: TestPeer[];

const startServer = async (port = 0) => {
  server = await startRegistry({ host: "127.0.0.1", port, dataDir: registryDir, log });
};
const settings = () => loadConfig({ NACOS_SERVER: `127.0.0.1:${server.port}`, DATA_DIR: dataDir });
/** What a restart leaves of discovery: its files. */
const restart = async () => {
  await discovery.close();
  discovery = createDiscovery(settings(), log);
};
const newPeer = async (port = 0, service = SERVICE) => {
  const peer = await TestPeer.start(service, port);
  peers.push(peer);
  return peer;
};
const call = async (within = 60_000) => {
  const request = { method: "POST", path: "/x/", headers: {}, retryable: false } as const;
  const { status, body } = await discovery.call(SERVICE, {
    ...request,
    deadline: performance.now() + within,
  });
  return status === 200 ? JSON.parse(body).instance : status;
};
const sources = async () => (await discovery.describe(SERVICE)).instances.map(({ source }) => source);

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "cfmp-snapshot-"));
  registryDir = await mkdtemp(join(tmpdir(), "cfmp-registry-"));
  await startServer();
  announcer = createRegistry(settings(), log);
  discovery = createDiscovery(settings(), log);
  peers = [];
  for (let n = 0; n < 3; n += 1) await announcer.register((await newPeer()).registration);
  await call();
});

afterEach(async () => {
  await Promise.all([discovery.close(), announcer.close()]);
  await Promise.all(peers.map((peer) => peer.kill()));
  await server.close();
  await Promise.all([dataDir, registryDir].map((folder) => rm(folder, { recursive: true })));
});

describe("a process that was restarted while the registry is down", () => {
  beforeEach(async () => {
    await server.close();
    await announcer.close();
    await restart();
  });

  test("calls the instances of last time, and says where it has them from and that all is not well", async () => {
    for (let n = 0; n < 20; n += 1) await call();
    expect(peers.filter(({ calls }) => calls > 0)).toHaveLength(3);
    const { chosen, instances } = await discovery.describe(SERVICE);
    expect(instances.map(({ source }) => source)).toEqual(["snapshot", "snapshot", "snapshot"]);
    for (const { age_ms } of instances) expect(age_ms).toBeLessThan(60_000);
    expect(chosen).not.toBeNull();
    expect(discovery.status()).toBe("degraded");
  });

  test("asks a dead one once, and nobody's call fails", async () => {
    const [victim] = peers;
    await victim?.kill();
    // Whoever listens there now counts what comes.
    const stranger = await newPeer(victim?.port, "OrderService");
    for (let n = 0; n < 30; n += 1) await Promise.all(Array.from({ length: 2 }, () => call()));
    expect(stranger.strays).toBeGreaterThan(0);
    // One for each of the two that called at once.
    expect(stranger.strays).toBeLessThanOrEqual(2);
  });

  test("finds those who were restarted at their addresses meanwhile", async () => {
    const ports = peers.map(({ port }) => port);
    await Promise.all(peers.map((peer) => peer.kill()));
    const restarted = await Promise.all(ports.map((port) => newPeer(port)));
    expect(restarted.map(({ registration }) => registration.metadata["instance"])).toContain(await call());
    for (let n = 0; n < 30; n += 1) await call();
    expect(restarted.filter(({ calls }) => calls > 0)).not.toHaveLength(0);
    expect(restarted.reduce((sum, { strays }) => sum + strays, 0)).toBeLessThanOrEqual(3);
  });

  test("goes on with them when the registry is back without memory, and with its list when there is one", async () => {
    await call();
    await startServer(server.port);
    await until("the registry answers", () => discovery.status() === "ok");
    for (let n = 0; n < 20; n += 1) await call();
    expect(await sources()).toEqual(["snapshot", "snapshot", "snapshot"]);
    announcer = createRegistry(settings(), log);
    for (const { registration } of peers) await announcer.register(registration);
    await until("all are from the registry", async () => {
      await call();
      return (await sources()).every((source) => source === "registry");
    });
  });
});

test("a process that starts just after the registry lost its memory still finds who answers", async () => {
  await announcer.close();
  const { port } = server;
  await server.close();
  await startServer(port);
  await restart();
  await peers[0]?.kill();
  for (let n = 0; n < 20; n += 1) await call();
  expect(await sources()).toEqual(["snapshot", "snapshot"]);
});

test("a broken file is as good as none: the call fails at once, and works when the registry is back", async () => {
  const { port } = server;
  await discovery.close();
  const [folder = ""] = readdirSync(join(dataDir, "discovery"));
  mkdirSync(join(dataDir, "discovery", folder), { recursive: true });
  writeFileSync(join(dataDir, "discovery", folder, `${SERVICE}.json`), '{"version":1,"inst');
  await server.close();
  await restart();
  await expect(call()).rejects.toMatchObject({ code: "peer_unavailable" });
  await startServer(port);
  await until("it is called", () => call().catch(() => false));
});

test("a frozen process keeps nothing on disk", async () => {
  await discovery.close();
  await rm(join(dataDir, "discovery"), { recursive: true });
  discovery = createDiscovery(settings(), log, { frozen: true });
  await call();
  await discovery.close();
  expect(readdirSync(dataDir)).toEqual([]);
});
