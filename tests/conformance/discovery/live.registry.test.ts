// What the live configuration promises on any registry.

import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { loadConfig } from "../../../lib/config/env.ts";
import { live, setLive } from "../../../lib/config/live.ts";
import { DATA_ID, type LiveWatch, watchLive } from "../../../lib/config/watch-live.ts";
import { until } from "../../support/poll.ts";
import { publishConfig, removeConfig } from "../../support/publish.ts";
import { openRegistry, registryName } from "./registry-under-test.ts";

/** The fastest gets pushes, the slowest polls twice a second; what neither got would come at a long poll's end, after 25 s. */
const FOUND_OUT_MS = 20_000;

const { address } = await openRegistry();

describe.each(["v1", "v3", "grpc", "auto"])(`live configuration by %s on ${registryName}`, (api) => {
  let folder: string;
  let watch: LiveWatch | undefined;
  const key = { dataId: DATA_ID, group: `g-${randomUUID().slice(0, 8)}` };
  const url = `http://${address}`;
  const publish = (content: object) => publishConfig(url, key, JSON.stringify(content));
  const config = () =>
    loadConfig({ NACOS_SERVER: address, NACOS_GROUP: key.group, NACOS_API: api, DATA_DIR: folder });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "cfmp-live-"));
  });
  afterEach(async () => {
    watch?.close();
    setLive(undefined);
    await removeConfig(url, key);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
  });

  test("a change is applied at once, and so is its removal", async () => {
    watch = watchLive(config());
    await publish({ page_size_max: 21 });
    await until("the first is applied", () => live().page_size_max === 21);
    await publish({ page_size_max: 22 });
    await until("the second is applied", () => live().page_size_max === 22, FOUND_OUT_MS);
    await removeConfig(url, key);
    await until("the removal is applied", () => live().page_size_max === 100, FOUND_OUT_MS);
  });

  test("what was published before counts as soon as it is read", async () => {
    await publish({ payments_enabled: false });
    watch = watchLive(config());
    await until("it is read", () => !live().payments_enabled);
    expect(watch?.state).toMatchObject({ source: "nacos", refused: false });
  });

  test("a process that is frozen between requests queries when its settings are stale", async () => {
    await publish({ page_size_max: 23 });
    watch = watchLive(config(), { frozen: true });
    expect(live().page_size_max).toBe(100);
    await until("a request waited for it", async () => {
      await watch?.fresh?.();
      return live().page_size_max === 23;
    });
  });
});
