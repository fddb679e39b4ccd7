// The registry client at two real Nacos servers that know each other (TEST_NACOS_CLUSTER: host:port,host:port).

import { afterEach, describe, expect, test } from "@jest/globals";
import { NacosRegistry } from "../../../lib/discovery/registry/nacos-registry.ts";
import type { Instance, Registration } from "../../../lib/discovery/registry/registry.ts";
import { type ApiSetting, apiChoice } from "../../../lib/nacos/api.ts";
import { eventually } from "../../support/poll.ts";
import { silentLog as log } from "../../support/silent-log.ts";
import { newName } from "./registry-under-test.ts";

const HERE = { namespace: "public", group: "DEFAULT_GROUP", cluster: "DEFAULT" };
const servers = (process.env["TEST_NACOS_CLUSTER"] ?? "").split(",");

describe.each<ApiSetting>(["grpc", "v1", "auto"])("a cluster of two servers by %s", (api) => {
  const open: NacosRegistry[] = [];
  const client = (server: string) => {
    const registry = new NacosRegistry({ server, ...HERE, ...apiChoice(api, false), log });
    open.push(registry);
    return registry;
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map((registry) => registry.close()));
  });
  const instanceOf = (service: string, port: number): Registration => ({
    service,
    host: "127.0.0.1",
    port,
    weight: 1,
    metadata: { instance: `at ${port}` },
  });
  const portsOf = (instances: readonly Instance[]) => instances.map(({ port }) => port);

  test("what is registered at one is listed and watched at both, and so is its end", async () => {
    expect(servers).toHaveLength(2);
    const service = newName();
    const writers = servers.map(client);
    const readers = servers.map(client);
    const watched: number[][] = servers.map(() => []);
    readers.forEach((reader, at) => {
      reader.watch(service, (instances) => {
        watched[at] = portsOf(instances);
      });
    });
    const ports = [1, 2, 3, 4, 5, 6, 7, 8];
    for (const port of ports) await writers[port % 2]?.register(instanceOf(service, port));
    await eventually(async () => {
      expect(await Promise.all(readers.map(async (each) => portsOf(await each.list(service))))).toEqual([
        ports,
        ports,
      ]);
      expect(watched).toEqual([ports, ports]);
    });
    await writers[0]?.close();
    await eventually(() =>
      expect(watched).toEqual([
        [1, 3, 5, 7],
        [1, 3, 5, 7],
      ]),
    );
  });
});
