// The payment providers' SDKs as they are bundled: where they are, and that they still work with parts taken out.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "@jest/globals";
import { bundles } from "./test-bundle.ts";

const ROOT = join(import.meta.dirname, "..");

const { bundle, remove } = bundles();

afterAll(remove);

describe("the SDKs", () => {
  test.each(["callback", "relay"])("are part of %s", async (name) => {
    const { has } = await bundle(`payments/handlers/${name}.ts`);
    expect([has("alipay-sdk/"), has("wechatpay-axios-plugin/")]).toEqual([true, true]);
  });

  test.each(["get-payment", "refund-payment"])("are no part of %s", async (name) => {
    const { has } = await bundle(`payments/handlers/${name}.ts`);
    expect([has("alipay-sdk"), has("wechatpay-axios-plugin"), has("axios")]).toEqual([false, false, false]);
  });
});

test.each([
  ["alipay", "createAlipay", "startFakeAlipay"],
  ["wechat-pay", "createWechatPay", "startFakeWechatPay"],
] as const)("%s works from its bundle", async (name, create, startFake) => {
  const providers = join(ROOT, "functions", "payments", "providers", name);
  const { outfile, has } = await bundle(`payments/providers/${name}/${name}.ts`);
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
