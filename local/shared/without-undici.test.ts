import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";

const ROOT = join(import.meta.dirname, "..", "..");
const run = promisify(execFile);

/** Whether Node has loaded its undici in a process that imports `modules`, files of this project or Node's own. */
async function loadsUndici(...modules: readonly string[]): Promise<boolean> {
  const imports = modules.map((name) => `await import(${JSON.stringify(name)});`);
  const loaded = "process.moduleLoadList.some((name) => name.includes('internal/deps/undici/undici'))";
  const code = `${imports.join("\n")}\nconsole.log(${loaded}); process.exit(0);`;
  const { stdout } = await run(process.execPath, ["--no-warnings", "--input-type=module", "--eval", code], {
    cwd: ROOT,
  });
  return stdout.trim() === "true";
}

test("an import of node:http loads undici", async () => {
  expect(await loadsUndici("node:http")).toBe(true);
});

test.each([
  [
    "the sidecar",
    ["./local/sidecar/probe.ts", "./local/sidecar/watch.ts", "./lib/discovery/index.ts", "nacos"],
  ],
  [
    "the helper process",
    ["./local/helper/services.ts", "./local/database/server.ts", "./local/registry/server.ts"],
  ],
  ["the mail catcher", ["./local/mail/server.ts"]],
])("%s does without it", async (_, modules) => {
  expect(await loadsUndici(...modules)).toBe(false);
});
