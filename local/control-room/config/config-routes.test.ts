import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { loadConfig } from "../../../lib/config/env.ts";
import { md5Of } from "../../../lib/config/live-config.ts";
import { RegistryRefused } from "../../../lib/nacos/errors.ts";
import { type RunningRegistry, startRegistry } from "../../registry/server.ts";
import { testReport } from "../test-reports.ts";
import { publishDocument } from "./config-publisher.ts";
import { configRoutes } from "./config-routes.ts";

let folder: string;
let registry: RunningRegistry;
/** What the runtime's `/health/` says of its configuration, and for how many questions it still says what was before. */
let inEffect: { md5: string | null; after: number };
const ends: (() => unknown)[] = [];

async function routes(server?: string) {
  const health = createServer((_, response) => {
    inEffect.after -= 1;
    const md5 = inEffect.after >= 0 ? "what was before" : inEffect.md5;
    response.end(JSON.stringify({ status: "ok", config: { source: "nacos", md5, refused: false } }));
  });
  const port = await new Promise<number>((resolve) =>
    health.listen(0, "127.0.0.1", () => resolve(Object(health.address()).port)),
  );
  ends.push(() => health.close());
  const services = [{ name: "OrderService", url: `http://127.0.0.1:${port}`, in_flight: 0, connections: 1 }];
  const report = testReport("runtime-1", { services });
  const config = loadConfig({ NACOS_SERVER: server ?? `127.0.0.1:${registry.port}` });
  const runtimes = { all: () => [{ report, state: "ok" as const, slowed: false }] };
  return configRoutes({ runtimes, settings: () => config });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "config-routes-"));
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  registry = await startRegistry({ host: "127.0.0.1", port: 0, dataDir: folder, log });
  inEffect = { md5: null, after: 0 };
  ends.push(() => registry.close());
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  rmSync(folder, { recursive: true });
});

const document = (content: string | null, replaces: string | null = null, dry_run = false) => ({
  content,
  replaces,
  dry_run,
});

describe("the live configuration", () => {
  test("is published once it is valid, and shown with when each runtime had it", async () => {
    const { read, command } = await routes();
    const text = '{"page_size_default": 20}';
    expect((await read()).document.content).toBe(null);
    expect(await command(document(text, null, true))).toEqual({
      problems: [],
      changes: ["page_size_default: 10 → 20"],
      applied: [],
    });
    expect((await read()).document.content).toBe(null);
    inEffect = { md5: md5Of(text), after: 3 };
    const { applied } = await command(document(text));
    expect(applied).toEqual([
      { runtime: "runtime-1", pid: 1, services: ["OrderService"], ms: expect.any(Number) },
    ]);
    expect(inEffect.after).toBe(-1);
    const view = await read();
    expect(view.document).toMatchObject({ content: text, md5: md5Of(text), problems: [] });
    expect(view.settings[0]).toEqual({ name: "page_size_default", environment: "10", document: "20" });
    expect(view.instances).toEqual([
      expect.objectContaining({ source: "nacos", md5: md5Of(text), refused: false }),
    ]);
    inEffect = { md5: null, after: 0 };
    const removed = await command(document(null, md5Of(text)));
    expect(removed.changes).toEqual(["page_size_default: 20 → 10"]);
    expect((await read()).document.content).toBe(null);
  });

  test("is not published when it is refused, or replaces what the page has not seen", async () => {
    const { read, command } = await routes();
    const refused = await command(document('{"page_size_max": 1000, "other": 1}'));
    expect(refused.problems).toHaveLength(2);
    await expect(command(document("{}", md5Of("older")))).rejects.toMatchObject({ code: "config_changed" });
    await expect(command({ content: 1 })).rejects.toMatchObject({ status: 400 });
    expect((await read()).document.content).toBe(null);
  });

  test("has no place where there is no registry, and none that answers", async () => {
    await expect((await routes("off")).read()).rejects.toMatchObject({ code: "no_registry" });
    const gone = await routes();
    await registry.close();
    await expect(gone.read()).rejects.toMatchObject({ code: "registry_failed" });
  });
});

test("a server without v1 gets it by v3", async () => {
  const calls: string[] = [];
  const call = async (method: string, path: string) => {
    calls.push(`${method} ${path}`);
    if (path.startsWith("/nacos/v1/")) throw new RegistryRefused("there", 410, "dropped");
    return { status: 200, data: "", headers: {} };
  };
  const key = { namespace: "public", group: "g", dataId: "d" };
  await publishDocument({ call }, key, "{}");
  await publishDocument({ call }, key, null);
  expect(calls.filter((line) => line.includes("v3"))).toEqual([
    "POST /nacos/v3/admin/cs/config",
    "DELETE /nacos/v3/admin/cs/config",
  ]);
  const denied = async () => {
    throw new RegistryRefused("there", 403, "no");
  };
  await expect(publishDocument({ call: denied }, key, "{}")).rejects.toThrow(RegistryRefused);
});
