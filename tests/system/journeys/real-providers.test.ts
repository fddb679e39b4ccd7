// Alipay and WeChat Pay over the real system, with fakes of both on loopback; and the report that compares them.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { orderStore } from "../../../functions/orders/order-store.ts";
import { paymentStore } from "../../../functions/payments/payment-store.ts";
import {
  type FakeAlipay,
  startFakeAlipay,
} from "../../../functions/payments/providers/alipay/test-alipay.ts";
import {
  type FakeWechatPay,
  startFakeWechatPay,
} from "../../../functions/payments/providers/wechat-pay/test-wechat-pay.ts";
import { dynamoTable } from "../../../lib/storage/dynamo-table.ts";
import { clientOf } from "../../support/dynamo.ts";
import { run } from "../../support/run.ts";
import { orderIn, send, shop } from "../../support/shop.ts";
import { type System, startSystem } from "../../support/system.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

let alipay: FakeAlipay;
let wechatPay: FakeWechatPay;
let system: System;

beforeAll(async () => {
  [alipay, wechatPay] = await Promise.all([startFakeAlipay(), startFakeWechatPay()]);
  system = await startSystem({
    env: {
      PAYMENT_CALLBACK_BASE_URL: "https://shop.example",
      ALIPAY_APP_ID: alipay.settings.appId,
      ALIPAY_PRIVATE_KEY: alipay.settings.privateKey,
      ALIPAY_PUBLIC_KEY: alipay.settings.publicKey,
      ALIPAY_GATEWAY: alipay.settings.gateway,
      WECHAT_PAY_MCH_ID: wechatPay.settings.merchantId,
      WECHAT_PAY_APP_ID: wechatPay.settings.appId,
      WECHAT_PAY_SERIAL_NO: wechatPay.settings.serial,
      WECHAT_PAY_PRIVATE_KEY: wechatPay.settings.privateKey,
      WECHAT_PAY_PUBLIC_KEY: wechatPay.settings.publicKey,
      WECHAT_PAY_PUBLIC_KEY_ID: wechatPay.settings.publicKeyId,
      WECHAT_PAY_API_V3_KEY: wechatPay.settings.apiV3Key,
      WECHAT_PAY_GATEWAY: wechatPay.settings.gateway,
    },
  });
});

afterAll(async () => {
  await system?.cleanUp();
  await Promise.all([alipay?.close(), wechatPay?.close()]);
});

async function paying(method: "alipay" | "wechat_pay") {
  const customer = shop(system);
  const order = (await customer.order()).body;
  const body = { order_id: order.id, method };
  const answer = await customer.call("POST", `${system.urls.payments}/api/payments/`, body);
  return { customer, order, answer, payment: answer.body };
}

const callback = (method: string, body: string, headers: Readonly<Record<string, string>>) =>
  send("POST", `${system.urls.payments}/api/payments/callback/${method}/`, body, headers);

async function paidByAlipay() {
  const { customer, order, payment } = await paying("alipay");
  const { content, fields } = alipay.page(payment.checkout.pay_url);
  const reference = content["out_trade_no"] ?? "";
  const trade = alipay.begin(reference, 29_999, true);
  const form = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  const taken = await callback("alipay", alipay.notice(reference), form);
  await orderIn(customer, order.id, "paid");
  return { customer, order, payment, trade, taken, content, fields };
}

async function paidByWechatPay() {
  const { customer, order, payment } = await paying("wechat_pay");
  const [reference = "", transaction] = [...wechatPay.transactions].at(-1) ?? [];
  if (!transaction) throw new Error("WeChat Pay got no request for a code");
  transaction.state = "SUCCESS";
  const notice = wechatPay.notice(reference);
  const taken = await callback("wechat_pay", notice.body, notice.headers);
  await orderIn(customer, order.id, "paid");
  return { customer, order, payment, transaction, taken };
}

describe("an order", () => {
  test("is paid by Alipay, whose callback is answered in its form", async () => {
    const { taken, content, fields } = await paidByAlipay();
    expect(content).toMatchObject({ total_amount: "299.99", product_code: "FAST_INSTANT_TRADE_PAY" });
    expect(fields["notify_url"]).toBe("https://shop.example/api/payments/callback/alipay/");
    expect(taken).toMatchObject({ status: 200, body: "success" });
    expect(taken.headers["content-type"]).toContain("text/plain");
  });

  test("is paid by WeChat Pay, and refunded by it", async () => {
    const { customer, order, payment, transaction, taken } = await paidByWechatPay();
    expect(taken).toMatchObject({ status: 204, body: "" });
    expect(transaction.total).toBe(29_999);
    expect((await customer.refund(payment.id)).status).toBe(201);
    await orderIn(customer, order.id, "refunded");
    expect([...transaction.refunds.values()].map(({ amount }) => amount)).toEqual([29_999]);
  });

  test("is not paid by a forged callback, which is refused in each provider's form", async () => {
    const { customer, order, payment } = await paying("alipay");
    const reference = alipay.page(payment.checkout.pay_url).content["out_trade_no"] ?? "";
    alipay.begin(reference, 29_999, true);
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const forged = alipay.notice(reference, {}, "stranger");
    expect(await callback("alipay", forged, form)).toMatchObject({ status: 401, body: "fail" });
    const notice = wechatPay.notice(reference, {}, Date.now(), { stranger: true });
    expect(await callback("wechat_pay", notice.body, notice.headers)).toMatchObject({
      status: 401,
      body: { code: "FAIL" },
    });
    expect((await customer.readOrder(order.id)).body.status).toBe("pending");
    expect(
      (await customer.call("POST", `${system.urls.payments}/api/payments/${payment.id}/cancel/`, {})).status,
    ).toBe(409);
    await orderIn(customer, order.id, "paid");
  });

  test("puts no key, signature or payer's name at the provider into the logs", async () => {
    await Promise.all([paidByAlipay(), paidByWechatPay()]);
    const folder = system.env["LOG_DIR"] ?? "";
    const logs = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
    const all = [...logs, system.logs()].join("\n");
    const secrets = [
      alipay.settings.privateKey.split("\n")[1],
      wechatPay.settings.privateKey.split("\n")[1],
      wechatPay.settings.apiV3Key,
      "oUpF8uMuAJO",
      "2088102116773037",
      "&sign=",
      "WECHATPAY2-SHA256",
    ];
    expect(all).toContain("PaymentService");
    expect(secrets.filter((secret) => secret !== undefined && all.includes(secret))).toEqual([]);
  });
});

describe("npm run reconcile", () => {
  test("says how many payments agree, and finds what was changed behind the system's back", async () => {
    const [byAlipay, byWechatPay] = await Promise.all([paidByAlipay(), paidByWechatPay()]);
    // What is still on its way is examined twice.
    expect(await reconcile()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+ payments agree\.\n$/),
    });

    const { payments, orders, close } = database();
    await payments.change(byAlipay.payment.id, (payment) => ({
      ...payment,
      attempts: payment.attempts.map((attempt) => ({ ...attempt, captured_amount: 1 })),
    }));
    await orders.change(byWechatPay.order.id, (order) => ({ ...order, status: "pending" as const }));
    await close();
    const { code, stdout, stderr } = await reconcile();
    expect([code, stderr]).toEqual([1, ""]);
    const reported = stdout.split("\n").filter((line) => /^[a-z]/.test(line));
    const alipays = `amount_differs  payment ${byAlipay.payment.id}  order ${byAlipay.order.id}`;
    const wechats = `order_not_paid  payment ${byWechatPay.payment.id}  order ${byWechatPay.order.id}`;
    // Once against Alipay, once against the order.
    expect(reported.filter((line) => line.startsWith(alipays))).toHaveLength(2);
    expect(reported.filter((line) => line.startsWith(wechats))).toHaveLength(1);
    expect(reported).toHaveLength(3);
    expect(stdout).toMatch(/\d+ payments agree; 3 disagreements\.\n$/);
  });

  test("with a wrong argument says how it is used", async () => {
    const { code, stderr } = await reconcile("--since", "yesterday");
    expect(code).toBe(2);
    expect(stderr).toContain("Usage: npm run reconcile");
  });
});

/** The stores of the running system, to do behind its back what no command of it does. */
function database() {
  const client = clientOf(system.databaseUrl);
  return {
    payments: paymentStore(dynamoTable(client, "test-payments")),
    orders: orderStore(dynamoTable(client, "test-orders")),
    close: () => client.close(),
  };
}

function reconcile(...args: readonly string[]) {
  const node = join(ROOT, "node_modules", ".bin", "node");
  const command = [join("tools", "reconcile", "main.ts"), "--grace", "0", ...args];
  return run(node, command, { cwd: ROOT, env: { ...process.env, NODE_OPTIONS: "", ...system.env } });
}
