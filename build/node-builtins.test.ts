import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { bundleOf } from "./bundle.ts";

const folder = mkdtempSync(join(tmpdir(), "cfmp-builtins-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the bundle of `source` prints, and its code. */
async function run(source: string) {
  const [entry, bundle] = [join(folder, "entry.ts"), join(folder, "bundle.mjs")];
  writeFileSync(entry, source);
  const { code } = await bundleOf(entry);
  writeFileSync(bundle, code);
  const printed = execFileSync(process.execPath, [bundle], { encoding: "utf8" });
  return { printed: JSON.parse(printed), code: Buffer.from(code).toString() };
}

test("Node.js's modules can be imported in every way", async () => {
  const { printed } = await run(`
    import crypto, { createHash } from "node:crypto";
    import { promises as fs } from "node:fs";
    import * as path from "path";
    const { setTimeout: sleep } = await import("node:timers/promises");
    const os = require("os");
    console.log(JSON.stringify([
      crypto.createHash === createHash,
      typeof fs.readFile,
      path.join("a", "b"),
      await sleep(0, "slept"),
      typeof os.EOL,
    ]));
  `);
  expect(printed).toEqual([true, "function", "a/b", "slept", "string"]);
});

test("they are loaded when the code that imports them is, and no more of them than it uses", async () => {
  const loaded = "process.moduleLoadList.map((name) => name.replace(/^NativeModule /, ''))";
  writeFileSync(
    join(folder, "later.ts"),
    'import { createServer } from "node:tls";\nexport { createServer };\n',
  );
  const { printed, code } = await run(`
    import { existsSync } from "node:fs";
    const before = ${loaded};
    const later = await import("./later.ts");
    const after = ${loaded};
    console.log(JSON.stringify({
      used: [typeof existsSync, typeof later.createServer],
      before: before.filter((name) => ["internal/fs/promises", "internal/repl/history", "tls"].includes(name)),
      after: after.includes("tls"),
    }));
  `);
  expect(printed).toEqual({ used: ["function", "function"], before: [], after: true });
  expect(code).not.toMatch(/\bfrom ?"node:/);
});
