// The payment providers' SDKs as they are bundled: where they are, and that they still work with parts taken out.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { build } from "esbuild";
import plugins from "./esbuild-plugins.ts";

const ROOT = join(import.meta.dirname, "..");
const HANDLERS = join(ROOT, "functions", "payments", "handlers");

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-bundles-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Bundles one file as serverless.yml has it done. */
async function bundle(entry: string, name: string) {
  const outfile = join(folder, `${name}.mjs`);
  const banner = `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);`;
  const { metafile } = await build({
    entryPoints: [entry],
    outdir: folder,
    entryNames: name,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    minify: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    external: ["nacos"],
    plugins,
    metafile: true,
    logLevel: "silent",
    banner: { js: banner },
  });
  const inputs = Object.keys(metafile.inputs).join("\n");
  return { outfile, has: (text: string) => inputs.includes(text) };
}

describe("the SDKs", () => {
  test.each(["callback", "relay"])("are part of %s", async (name) => {
    const { has } = await bundle(join(HANDLERS, `${name}.ts`), name);
    expect([has("alipay-sdk/"), has("wechatpay-axios-plugin/")]).toEqual([true, true]);
  });

  test.each(["get-payment", "refund-payment"])("are no part of %s", async (name) => {
    const { has } = await bundle(join(HANDLERS, `${name}.ts`), name);
    expect([has("alipay-sdk"), has("wechatpay-axios-plugin"), has("axios")]).toEqual([false, false, false]);
  });
});

test.each([
  ["alipay", "createAlipay", "startFakeAlipay"],
  ["wechat-pay", "createWechatPay", "startFakeWechatPay"],
] as const)("%s works from its bundle", async (name, create, startFake) => {
  const providers = join(ROOT, "functions", "payments", "providers", name);
  const { outfile, has } = await bundle(join(providers, `${name}.ts`), name);
  expect(has("undici/lib/web/fetch/index.js")).toBe(false);
  const made = await import(pathToFileURL(outfile).href);
  const stand = await import(join(providers, `test-${name}.ts`));
  const fake = await stand[startFake]();
  try {
    const provider = made[create](fake.settings);
    const reference = "b".repeat(32);
    expect(await provider.query(reference)).toEqual({ state: "open" });
    fake.begin(reference, 12_345, name === "alipay" ? true : "SUCCESS");
    expect(await provider.query(reference)).toMatchObject({ state: "captured", amount: 12_345 });
    fake.misbehaves = "signs with another key";
    await expect(provider.query(reference)).rejects.toMatchObject({ code: "provider_failure" });
  } finally {
    await fake.close();
  }
});
