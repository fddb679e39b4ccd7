// Live configuration on the embedded registry, and what becomes of it while the registry is down.

import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { loadConfig } from "../../../lib/config/env.ts";
import { live, setLive } from "../../../lib/config/live.ts";
import { DATA_ID, type LiveWatch, watchLive } from "../../../lib/config/watch-live.ts";
import { type RunningRegistry, startRegistry } from "../../../local/registry/server.ts";
import { portOf } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { publishConfig } from "../../support/publish.ts";
import { EmbeddedServer } from "./embedded-server.ts";
import { liveSuite } from "./live-suite.ts";

liveSuite("the embedded registry", ["v1", "v3", "auto"], () => EmbeddedServer.start());

describe("when the registry is down", () => {
  let dataDir: string;
  let watch: LiveWatch | undefined;
  let registry: RunningRegistry;
  const start = (port = 0) =>
    startRegistry({ host: "127.0.0.1", port, dataDir, log: pino({ level: "silent" }) });
  const key = { dataId: DATA_ID, group: "DEFAULT_GROUP" };
  const publish = (content: object) =>
    publishConfig(`http://127.0.0.1:${registry.port}`, key, JSON.stringify(content));
  const follow = () => {
    watch = watchLive(loadConfig({ NACOS_SERVER: `127.0.0.1:${registry.port}`, DATA_DIR: dataDir }));
  };

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "cfmp-live-"));
    registry = await start();
  });
  afterEach(async () => {
    watch?.close();
    setLive(undefined);
    await registry.close();
    await rm(dataDir, { recursive: true });
  });

  test("the last good one stays, also over a restart, and changes are seen again when it is back", async () => {
    follow();
    await publish({ page_size_max: 31 });
    await until("it counts", () => live().page_size_max === 31);
    await registry.close();
    watch?.close();
    setLive(undefined);
    follow();
    expect([live().page_size_max, watch?.state.source]).toEqual([31, "kept"]);
    registry = await start(registry.port);
    await until("the registry is heard of", () => watch?.state.source === "nacos");
    await publish({ page_size_max: 32 });
    await until("a change is seen", () => live().page_size_max === 32);
  });

  test("a server that breaks every connection off is asked a few times a second at most", async () => {
    await registry.close();
    let connections = 0;
    const rude = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => rude.listen(registry.port, "127.0.0.1", resolve));
    expect(portOf(rude)).toBe(registry.port);
    follow();
    const began = performance.now();
    await until("it was asked", () => connections > 3);
    expect(connections / ((performance.now() - began) / 1_000)).toBeLessThan(20);
    watch?.close();
    await new Promise((resolve) => rude.close(resolve));
  });
});
