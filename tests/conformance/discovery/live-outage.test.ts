// What becomes of the live configuration while the registry is down.

import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { loadConfig } from "../../../lib/config/env.ts";
import { live, setLive } from "../../../lib/config/live.ts";
import { DATA_ID, type LiveWatch, watchLive } from "../../../lib/config/watch-live.ts";
import { EmbeddedRegistry } from "../../support/embedded-registry.ts";
import { listen } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { publishConfig } from "../../support/publish.ts";

describe("when the registry is down", () => {
  let dataDir: string;
  let watch: LiveWatch | undefined;
  let registry: EmbeddedRegistry;
  const key = { dataId: DATA_ID, group: "DEFAULT_GROUP" };
  const publish = (content: object) =>
    publishConfig(`http://${registry.address}`, key, JSON.stringify(content));
  const follow = () => {
    watch = watchLive(loadConfig({ NACOS_SERVER: registry.address, DATA_DIR: dataDir }));
  };

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "cfmp-live-"));
    registry = await EmbeddedRegistry.start();
  });
  afterEach(async () => {
    watch?.close();
    setLive(undefined);
    await registry.close();
    await rm(dataDir, { recursive: true });
  });

  test("the last good one stays, also over a restart, and changes are applied again when it is back", async () => {
    follow();
    await publish({ page_size_max: 31 });
    await until("it counts", () => live().page_size_max === 31);
    await registry.stop();
    watch?.close();
    setLive(undefined);
    follow();
    expect([live().page_size_max, watch?.state.source]).toEqual([31, "kept"]);
    await registry.restart();
    await until("the registry has answered", () => watch?.state.source === "nacos");
    await publish({ page_size_max: 32 });
    await until("a change is applied", () => live().page_size_max === 32);
  });

  test("a server that breaks off every connection is called a few times a second at most", async () => {
    await registry.stop();
    let connections = 0;
    const rude = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await listen(rude, registry.port);
    follow();
    const began = performance.now();
    await until("it was called", () => connections > 3);
    expect(connections / ((performance.now() - began) / 1_000)).toBeLessThan(20);
    watch?.close();
    await new Promise((resolve) => rude.close(resolve));
  });
});
