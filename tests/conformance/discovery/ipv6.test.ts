// A registry, and instances, at IPv6 addresses: each API has its own way to write them.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { loadConfig } from "../../../lib/config/env.ts";
import { createRegistry } from "../../../lib/discovery/registry/create-registry.ts";
import type { Registry } from "../../../lib/discovery/registry/registry.ts";
import { type RunningRegistry, startRegistry } from "../../../local/registry/server.ts";
import { freePortGroup } from "../../support/free-ports.ts";
import { eventually } from "../../support/poll.ts";
import { silentLog as log } from "../../support/silent-log.ts";
import { newName } from "./registry-under-test.ts";

let dataDir: string;
let running: RunningRegistry;
const open: Registry[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "cfmp-registry-"));
  running = await startRegistry({ host: "::1", port: await freePortGroup([0, 1_000]), dataDir, log });
});
afterAll(async () => {
  await Promise.all(open.map((registry) => registry.close()));
  await running?.close();
  await rm(dataDir, { recursive: true, force: true });
});

function client(api: string): Registry {
  const config = loadConfig({ NACOS_SERVER: `[::1]:${running.port}`, NACOS_API: api });
  const registry = createRegistry(config, log);
  open.push(registry);
  return registry;
}

test.each(["v1", "v3", "grpc", "auto"])("are used by %s", async (api) => {
  const [one, other, service] = [client(api), client(api), newName()];
  let told: readonly string[] = ["nothing"];
  other.watch(service, (instances) => {
    told = instances.map(({ host, port }) => `${host} ${port}`);
  });
  await eventually(() => expect(told).toEqual([]));
  const registration = { service, host: "::1", port: 7001, weight: 1, metadata: {} };
  await one.register(registration);
  await eventually(() => expect(told).toEqual(["::1 7001"]));
  expect(await other.list(service)).toMatchObject([{ host: "::1", port: 7001, healthy: true }]);
  await one.deregister(registration);
  await eventually(() => expect(told).toEqual([]));
});
