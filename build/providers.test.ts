// The payment providers' SDKs as they are bundled: where they are, and that they still work with parts taken out.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "@jest/globals";
import type { Provider } from "../functions/payments/providers/provider.ts";
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
] as const)("%s's whole life of a charge works from its bundle", async (name, create, startFake) => {
  const providers = join(ROOT, "functions", "payments", "providers", name);
  const { outfile, has } = await bundle(`payments/providers/${name}/${name}.ts`);
  const unused = ["undici/lib/web/fetch/index.js", "mime-db", "fast-xml-parser", "formstream", "@fidm/x509"];
  expect(unused.filter(has)).toEqual([]);
  const made = await import(pathToFileURL(outfile).href);
  const stand = await import(join(providers, `test-${name}.ts`));
  const fake = await stand[startFake]();
  try {
    const provider: Provider = made[create](fake.settings);
    const reference = "b".repeat(32);
    const paid = name === "alipay" ? true : "SUCCESS";
    const charge = { reference, amount: 12_345, currency: "CNY", subject: "Order 1 中文" };
    const expires_at = new Date(Date.now() + 900_000).toISOString();
    expect(Object.keys(await provider.open({ ...charge, expires_at }))).not.toEqual([]);
    expect(await provider.query(reference)).toEqual({ state: "open" });

    const { trade_no, transaction_id = trade_no } = fake.begin(reference, 12_345, paid);
    const captured = { state: "captured", transaction_id, amount: 12_345, currency: "CNY" };
    expect(await provider.query(reference)).toEqual(captured);
    expect(await provider.close(reference)).toEqual(captured);
    const sent = fake.notice(reference);
    const { headers, body } = typeof sent === "string" ? { headers: {}, body: sent } : sent;
    const notice = { about: "charge", reference, charge: captured };
    expect(await provider.parseCallback(headers, body)).toMatchObject(notice);

    const order = { id: "r-1", reference, transaction_id, amount: 1_000, captured_amount: 12_345 };
    const refund = { ...order, currency: "CNY", reason: "broken 中文", asked_before: false };
    expect(await provider.queryRefund(refund)).toBe("unknown");
    expect(await provider.refund(refund)).toBe("done");
    expect(await provider.queryRefund(refund)).toBe("done");

    fake.misbehaves = "signs with another key";
    await expect(provider.query(reference)).rejects.toMatchObject({ code: "provider_failure" });
    fake.misbehaves = "answers 500";
    await expect(provider.query(reference)).rejects.toMatchObject({ code: "provider_failure" });
  } finally {
    await fake.close();
  }
});
