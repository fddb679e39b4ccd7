import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

const ROOT = join(import.meta.dirname, "..", "..");
const FIRST = join(import.meta.dirname, "own-imports.cjs");

/** Inside the project: of other folders nothing is known. */
let folder: string;
beforeAll(() => {
  mkdirSync(join(ROOT, "tmp"), { recursive: true });
  folder = mkdtempSync(join(ROOT, "tmp", "imports-"));
  const files = {
    "counter.ts": "export const state: { count: number } = { count: 0 };\n",
    "uses.ts": 'import { state } from "./counter.ts";\nstate.count += 1;\nexport { state };\n',
    "broken.ts": 'import { nothing } from "./not-there.ts";\nconsole.log(nothing);\n',
    "packages.ts":
      'import { z } from "zod";\nimport { join } from "node:path";\nimport semver from "semver";\nconsole.log(typeof z.string, join("a", "b"), semver.valid("1.2.3"));\n',
    "no-package.ts": 'import nothing from "no-such-package";\nconsole.log(nothing);\n',
    "required.cjs": 'module.exports = require("./counter.ts").state;\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

const node = (...args: readonly string[]) =>
  spawnSync(process.execPath, ["--no-warnings", ...args], { cwd: folder, encoding: "utf8" });

test("a file is one module, by whichever way it is imported", () => {
  const code = `
    import { createRequire } from "node:module";
    const { state } = await import("./uses.ts");
    const other = (await import("./counter.ts")).state;
    const third = createRequire(${JSON.stringify(join(folder, "x.cjs"))})("./required.cjs");
    console.log(state === other, state === third, state.count);`;
  const args = ["--require", FIRST, "--input-type=module", "--eval", code];
  expect(execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" })).toBe("true true 1\n");
});

test("packages and parts of Node are those that Node finds", () => {
  const found = node("--require", FIRST, "packages.ts");
  expect(found.stdout).toBe(`function ${join("a", "b")} 1.2.3\n`);
  expect(found.stdout).toBe(node("packages.ts").stdout);
});

test.each(["broken.ts", "no-package.ts"])(
  "%s fails as ever, with the name of who imports what is missing",
  (file) => {
    const failed = node("--require", FIRST, file);
    const line = (text: string) => /^Error.*$/m.exec(text)?.[0];
    expect(failed.status).toBe(1);
    expect(line(failed.stderr)).toMatch(/Cannot find (module|package) .* imported from /);
    expect(line(failed.stderr)).toBe(line(node(file).stderr));
  },
);

test("a runtime's own files are found without Node's search", () => {
  const code = `
    import { registerHooks } from "node:module";
    const searched = [];
    registerHooks({ resolve(name, context, next) { searched.push([name, context.parentURL]); return next(name, context); } });
    process.getBuiltinModule("node:module").createRequire(import.meta.url)(${JSON.stringify(FIRST)});
    await import(${JSON.stringify(join(ROOT, "local", "runtime", "runtime.ts"))});
    console.log(JSON.stringify(searched.filter(([name]) => name.endsWith(".ts"))));`;
  const { stdout } = node("--input-type=module", "--eval", code);
  expect(JSON.parse(stdout)).toEqual([[join(ROOT, "local", "runtime", "runtime.ts"), expect.any(String)]]);
});
