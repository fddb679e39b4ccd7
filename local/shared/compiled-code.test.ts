// Compiled code that is kept (see first.cjs) is run by Node.js: never what is damaged of it, that is compiled anew.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

const MODULES = 60;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "compiled-"));
  for (let n = 0; n < MODULES; n += 1) {
    writeFileSync(
      join(folder, `m${n}.cjs`),
      `module.exports = (a) => { const b = ${n}; return a * 1000 + b; };`,
    );
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What all modules give in a process of its own that uses the cache. */
function results(): readonly number[] {
  const loads = `Array.from({ length: ${MODULES} }, (_, n) => require(${JSON.stringify(folder)} + "/m" + n + ".cjs")(7))`;
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, "cache") };
  return JSON.parse(
    execFileSync(process.execPath, ["-p", `JSON.stringify(${loads})`], { env, encoding: "utf8" }),
  );
}

const files = () =>
  readdirSync(join(folder, "cache"), { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, "cache", name))
    .filter((path) => statSync(path).isFile());

test.each([
  [
    "changed in a byte",
    (bytes: Buffer, at: number) =>
      Buffer.concat([bytes.subarray(0, at), flipped(bytes, at), bytes.subarray(at + 1)]),
  ],
  ["cut off", (bytes: Buffer, at: number) => bytes.subarray(0, at)],
])("compiled code that is %s is compiled anew", (_, damage) => {
  const right = results();
  const cached = files();
  expect(cached.length).toBeGreaterThanOrEqual(MODULES);
  // In another place of each file, over their whole length.
  for (const [n, path] of cached.entries()) {
    const bytes = readFileSync(path);
    writeFileSync(path, damage(bytes, Math.floor((bytes.length * n) / cached.length)));
  }
  expect(results()).toEqual(right);
});

const flipped = (bytes: Buffer, at: number): Buffer => Buffer.from([(bytes[at] ?? 0) ^ 0x10]);
