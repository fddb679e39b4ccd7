// A process that starts while the registry is down: real stage.peers, the embedded registry, real files.

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../support/poll.ts";
import { Stage } from "./stage.ts";

const SERVICE = "PaymentService";

let stage: Stage;

const call = async (within = 60_000) => {
  const request = {
    caller: "OrderService",
    method: "POST",
    path: "/x/",
    headers: {},
    retryable: false,
  } as const;
  const { status, body } = await stage.discovery.call(SERVICE, {
    ...request,
    deadline: performance.now() + within,
  });
  return status === 200 ? JSON.parse(body).instance : status;
};
const sources = async () => (await stage.discovery.describe(SERVICE)).instances.map(({ source }) => source);

beforeEach(async () => {
  stage = await Stage.open();
  for (let n = 0; n < 3; n += 1) await stage.announcedPeer();
  await call();
});

afterEach(() => stage.close());

describe("a process that was restarted while the registry is down", () => {
  beforeEach(async () => {
    await stage.registry.stop();
    await stage.announcer.close();
    await stage.restart();
  });

  test("calls the instances of last time, and says where it has them from and that all is not well", async () => {
    for (let n = 0; n < 20; n += 1) await call();
    expect(stage.peers.filter(({ calls }) => calls > 0)).toHaveLength(3);
    const { chosen, instances } = await stage.discovery.describe(SERVICE);
    expect(instances.map(({ source }) => source)).toEqual(["snapshot", "snapshot", "snapshot"]);
    for (const { age_ms } of instances) expect(age_ms).toBeLessThan(60_000);
    expect(chosen).not.toBeNull();
    expect(stage.discovery.status()).toBe("degraded");
  });

  test("calls a dead one once, and no caller's call fails", async () => {
    const [victim] = stage.peers;
    await victim?.kill();
    // Whoever listens there now counts what comes.
    const stranger = await stage.newPeer(victim?.port, "OrderService");
    for (let n = 0; n < 30; n += 1) await Promise.all(Array.from({ length: 2 }, () => call()));
    expect(stranger.strays).toBeGreaterThan(0);
    // One for each of the two that called at once.
    expect(stranger.strays).toBeLessThanOrEqual(2);
  });

  test("finds those who were restarted at their addresses meanwhile", async () => {
    const ports = stage.peers.map(({ port }) => port);
    await Promise.all(stage.peers.map((peer) => peer.kill()));
    const restarted = await Promise.all(ports.map((port) => stage.newPeer(port)));
    expect(restarted.map(({ registration }) => registration.metadata["instance"])).toContain(await call());
    for (let n = 0; n < 30; n += 1) await call();
    expect(restarted.filter(({ calls }) => calls > 0)).not.toHaveLength(0);
    expect(restarted.reduce((sum, { strays }) => sum + strays, 0)).toBeLessThanOrEqual(3);
  });

  test("goes on with them when the registry is back without memory, and with its list when there is one", async () => {
    await call();
    await stage.registry.restart();
    await until("the registry answers", () => stage.discovery.status() === "ok");
    for (let n = 0; n < 20; n += 1) await call();
    expect(await sources()).toEqual(["snapshot", "snapshot", "snapshot"]);
    stage.announcer = stage.newAnnouncer();
    for (const { registration } of stage.peers) await stage.announcer.register(registration);
    await until("all are from the registry", async () => {
      await call();
      return (await sources()).every((source) => source === "registry");
    });
  });
});

test("a process that starts just after the registry lost its memory still finds who answers", async () => {
  await stage.announcer.close();
  await stage.registry.restart();
  await stage.restart();
  await stage.peers[0]?.kill();
  for (let n = 0; n < 20; n += 1) await call();
  expect(await sources()).toEqual(["snapshot", "snapshot"]);
});

test("a broken file is as good as none: the call fails at once, and works when the registry is back", async () => {
  await stage.discovery.close();
  const [folder = ""] = readdirSync(join(stage.dataDir, "discovery"));
  mkdirSync(join(stage.dataDir, "discovery", folder), { recursive: true });
  writeFileSync(join(stage.dataDir, "discovery", folder, `${SERVICE}.json`), '{"version":1,"inst');
  await stage.registry.stop();
  await stage.restart();
  await expect(call()).rejects.toMatchObject({ code: "peer_unavailable" });
  await stage.registry.restart();
  await until("it is called", () => call().catch(() => false));
});

test("a frozen process keeps nothing on disk", async () => {
  await stage.discovery.close();
  await rm(join(stage.dataDir, "discovery"), { recursive: true });
  stage.discovery = stage.newDiscovery({ frozen: true });
  await call();
  await stage.discovery.close();
  expect(readdirSync(stage.dataDir)).toEqual([]);
});
