// Every npm script on a Node.js that is too old, which is what npm finds where install scripts are switched off and the package
// `node` brought nothing: a line that helps, instead of the stack of a syntax error.

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as z from "zod";
import { run } from "../../support/run.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const BIN = join(ROOT, "node_modules", ".bin");
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));

/** What runs by Node.js itself; the others are compiled programs, or run other scripts. */
const commands = Object.entries(scripts).flatMap(([name, script]) =>
  // Before Node 24 is there, npm runs it by the one that there is.
  (name === "postinstall" ? "" : script)
    .split(" && ")
    .filter((part) => part.startsWith("node "))
    .map((part) => [name, part] as const),
);

let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-old-node-"));
  const old = join(folder, "old.cjs");
  writeFileSync(
    old,
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } });' +
      'Object.defineProperty(process, "version", { value: "v20.20.2" });',
  );
  env = {
    ...process.env,
    PATH: `${BIN}${delimiter}${process.env["PATH"]}`,
    // As old ones do, it refuses TypeScript.
    NODE_OPTIONS: `--require=${old} --no-experimental-strip-types`,
  };
});
afterAll(() => rmSync(folder, { recursive: true }));

test("are all the scripts that run TypeScript", () => {
  expect(commands.length).toBeGreaterThan(15);
  const others = Object.values(scripts).filter((script) => !script.includes("node "));
  expect(others.filter((script) => script.includes(".ts"))).toEqual([]);
});

test.each(commands)("npm run %s", async (_, command) => {
  const { code, output } = await run("sh", ["-c", command], { cwd: ROOT, env, group: true });
  expect(output.trim().split("\n")).toEqual([
    expect.stringMatching(/^Node\.js 24 is needed, this is v20\.20\.2\. .*(npm ci|npm start)/),
  ]);
  expect(code).toBe(1);
});

test("where npm has not linked the one it brought, say how it is", async () => {
  const shared = join(folder, "local", "shared");
  mkdirSync(shared, { recursive: true });
  copyFileSync(join(ROOT, "local", "shared", "node-version.cjs"), join(shared, "node-version.cjs"));
  const { code, output } = await run(process.execPath, [join(shared, "node-version.cjs")], { env });
  expect(output).toMatch(/^Node\.js 24 is needed, this is v20\.20\.2\. .*npm 10, npm rebuild/);
  expect(code).toBe(1);
});
