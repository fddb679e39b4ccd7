// What the small processes must not load: it is most of their memory, and time of every start.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { SERVICE_KEYS } from "../../tests/support/shop.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const run = promisify(execFile);

/** Whether a process that imports `modules`, files of this project or packages, has loaded `heavy` when it ends. */
async function loads(
  heavy: "undici" | "zod" | "prom-client",
  ...modules: readonly string[]
): Promise<boolean> {
  const imports = modules.map((name) => `await import(${JSON.stringify(name)});`);
  const code = `
    import { writeSync } from "node:fs";
    import { registerHooks } from "node:module";
    const imported = [];
    registerHooks({ load(url, context, next) { imported.push(url); return next(url, context); } });
    process.on("exit", () => {
      const all = [...imported.filter((url) => !url.startsWith("node:")), ...process.moduleLoadList];
      writeSync(1, String(all.some((name) => name.includes("node_modules/${heavy}/") || name.includes("deps/${heavy}/"))));
    });
    ${imports.join("\n")}
    process.exit();`;
  const args = ["--no-warnings", "--input-type=module", "--eval", code];
  const { stdout } = await run(process.execPath, args, { cwd: ROOT });
  expect(["true", "false"]).toContain(stdout);
  return stdout === "true";
}

test("an import of node:http loads undici, the settings load zod, and metrics their package", async () => {
  expect(await loads("undici", "node:http")).toBe(true);
  expect(await loads("zod", "./lib/config/env.ts")).toBe(true);
  expect(await loads("prom-client", "./local/metrics/start.ts")).toBe(true);
});

// Without a parent the sidecar ends at once.
const SIDECAR = ["nacos", "./lib/discovery/registry/nacos-v1.ts", "./local/sidecar/main.ts"];
const HELPER = ["./local/helper/services.ts", "./local/database/server.ts", "./local/registry/server.ts"];

const RUNTIME = [
  "./local/shared/http-without-undici.cjs",
  "./local/runtime/runtime.ts",
  "./local/runtime/listeners.ts",
  "./local/gateway/start.ts",
  ...SERVICE_KEYS.map((key) => `./functions/${key}/service.ts`),
];

test.each([
  ["the runtime that shows no metrics", "prom-client", RUNTIME],
  ["the runtime", "undici", RUNTIME],
  ["the sidecar", "undici", SIDECAR],
  ["the sidecar", "zod", SIDECAR],
  ["the helper process", "undici", [...HELPER, "./local/mail/server.ts"]],
] as const)("%s does without %s", async (_, heavy, modules) => {
  expect(await loads(heavy, ...modules)).toBe(false);
});
