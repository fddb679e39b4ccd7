import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { bundleOf } from "./bundle.ts";

const folder = mkdtempSync(join(tmpdir(), "cfmp-bundle-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("what a stand-in of a package lacks is refused when it is bundled", async () => {
  const entry = join(folder, "entry.ts");
  const code = (schema: string) => `import * as z from "zod"; export const make = () => ${schema};`;
  writeFileSync(entry, code("z.string()"));
  expect((await bundleOf(entry)).inputs).toContain("build/zod/index.ts");
  writeFileSync(entry, code("z.email()"));
  await expect(bundleOf(entry)).rejects.toThrow(/Import "email" will always be undefined/);
});

test("a package that is left out is refused when it is bundled", async () => {
  const entry = join(folder, "needs-upload.ts");
  const upload = join(import.meta.dirname, "..", "node_modules", "formstream", "index.js");
  writeFileSync(entry, `export { default as Form } from ${JSON.stringify(upload)};`);
  await expect(bundleOf(entry)).rejects.toThrow(/A package that is left out would be part of this bundle/);
});
