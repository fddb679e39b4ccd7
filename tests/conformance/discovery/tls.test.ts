// Registry and live configuration over TLS: a Nacos behind a proxy that ends it, as it usually runs.

import { mkdtemp, rm } from "node:fs/promises";
import { connect as connectTo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { loadConfig } from "../../../lib/config/env.ts";
import { live, setLive } from "../../../lib/config/live.ts";
import { DATA_ID, type LiveWatch, watchLive } from "../../../lib/config/watch-live.ts";
import { createRegistry } from "../../../lib/discovery/registry/create-registry.ts";
import type { Registry } from "../../../lib/discovery/registry/registry.ts";
import { GRPC_PORT_OFFSET } from "../../../lib/nacos/grpc/methods.ts";
import { makeAuthority, makeCertificate } from "../../support/certificates.ts";
import { EmbeddedRegistry } from "../../support/embedded-registry.ts";
import { freePortGroup, listen } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { publishConfig } from "../../support/publish.ts";
import { silentLog } from "../../support/silent-log.ts";

const authority = makeAuthority();
const certificate = makeCertificate("registry", { names: ["127.0.0.1"], issuer: authority });

describe.each(["v1", "v3", "grpc"])("over TLS, by %s", (api) => {
  let registry: EmbeddedRegistry;
  let port: number;
  const proxies: Server[] = [];
  let dataDir: string;
  let watch: LiveWatch | undefined;
  const sockets = new Set<TLSSocket>();
  const opened: Registry[] = [];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "cfmp-tls-"));
    registry = await EmbeddedRegistry.startWithGrpc();
    port = await freePortGroup([0, GRPC_PORT_OFFSET]);
    for (const offset of [0, GRPC_PORT_OFFSET]) {
      const protocols = offset === 0 ? [] : [{ ALPNProtocols: ["h2"] }];
      const proxy = createServer(Object.assign({}, certificate, ...protocols), (socket) => {
        sockets.add(socket);
        const onward = connectTo(registry.port + offset, "127.0.0.1");
        for (const end of [socket, onward]) end.on("error", () => {});
        socket.pipe(onward).pipe(socket);
        socket.once("close", () => onward.destroy());
      });
      await listen(proxy, port + offset);
      proxies.push(proxy);
    }
  });
  afterEach(async () => {
    watch?.close();
    setLive(undefined);
    await Promise.all(opened.splice(0).map((one) => one.close()));
    for (const socket of sockets) socket.destroy();
    await Promise.all(proxies.splice(0).map((proxy) => new Promise((resolve) => proxy.close(resolve))));
    await registry.close();
    await rm(dataDir, { recursive: true });
  });

  const config = (ca = authority.cert) =>
    loadConfig({
      NACOS_SERVER: `https://127.0.0.1:${port}`,
      NACOS_CA: ca,
      NACOS_API: api,
      DATA_DIR: dataDir,
    });
  const client = (ca?: string) => {
    const one = createRegistry(config(ca), silentLog);
    opened.push(one);
    return one;
  };
  const order = { service: "OrderService", host: "127.0.0.1", port: 8001, weight: 1, metadata: { a: "b" } };

  test("what is registered is listed and watched, and so is its end", async () => {
    const seen: number[] = [];
    client().watch("OrderService", (instances) => seen.push(instances.length));
    await until("an empty list came", () => seen.at(-1) === 0);
    const writer = client();
    await writer.register(order);
    expect(await client().list("OrderService")).toMatchObject([{ port: 8001, metadata: { a: "b" } }]);
    await until("the instance was listed", () => seen.at(-1) === 1);
    await writer.deregister(order);
    await until("it was removed", () => seen.at(-1) === 0);
  });

  test("a changed configuration is taken", async () => {
    watch = watchLive(config());
    const key = { dataId: DATA_ID, group: "DEFAULT_GROUP" };
    await publishConfig(`http://${registry.address}`, key, JSON.stringify({ page_size_max: 33 }));
    await until("it counts", () => live().page_size_max === 33);
  });

  test("a registry whose certificate nobody vouches for is not used", async () => {
    const stranger = client(makeAuthority("Another authority").cert);
    await expect(stranger.register(order)).rejects.toThrow(/not signed by an authority.*NACOS_CA/);
    expect(stranger.reachable()).toBe(false);
    expect(await client().list("OrderService")).toEqual([]);
  });
});
