// The main job, over the real system: order → paid → notified.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createTokens } from "../../../lib/auth/tokens.ts";
import { until } from "../../support/poll.ts";
import { eventCounts, orderIn, providerCallback, send, sendCallback, shop } from "../../support/shop.ts";
import { type System, startSystem } from "../../support/system.ts";

const SECRET = "journey-secret";

let system: System;

beforeAll(async () => {
  // An empty setting counts as not set, also where serverless.yml makes names of it.
  system = await startSystem({ env: { SANDBOX_SECRET: SECRET, DB_NAME: "" } });
});

afterAll(() => system?.cleanUp());

const paidPayment = async (customer: ReturnType<typeof shop>) => {
  const order = (await customer.order()).body;
  const payment = (await customer.pay(order.id)).body;
  return { order, payment, callback: providerCallback(SECRET, payment) };
};

describe("an order", () => {
  test("is created from the original system's body, paid through the sandbox, and its buyer is notified", async () => {
    const customer = shop(system);
    const created = await customer.order({ customer_name: "张三", total_amount: 299.99, status: "pending" });
    expect(created).toMatchObject({
      status: 201,
      body: { status: "pending", total_amount: "299.99", customer_name: "张三" },
    });
    const paying = await customer.pay(created.body.id);
    expect(paying).toMatchObject({ status: 201, body: { amount: "299.99", status: "pending" } });
    expect(await customer.simulate(paying.body.id)).toMatchObject({ status: 202 });
    const paid = await orderIn(customer, created.body.id, "paid");
    expect(paid.payment_id).toBe(paying.body.id);
    await until("both notifications exist", async () => {
      const counts = await eventCounts(customer, paid.id);
      return counts["order.created"] === 1 && counts["order.paid"] === 1;
    });
    expect((await customer.completeOrder(paid.id)).body.status).toBe("completed");
  });

  test("that is paid twice the same way is paid once: 20 identical callbacks at once", async () => {
    const customer = shop(system);
    const { order, payment, callback } = await paidPayment(customer);
    const answers = await Promise.all(Array.from({ length: 20 }, () => sendCallback(system, callback)));
    expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(200));
    await orderIn(customer, order.id, "paid");
    await until(
      "the buyer was notified",
      async () => (await eventCounts(customer, order.id))["order.paid"] === 1,
    );
    const { body } = await customer.readPayment(payment.id);
    expect(body).toMatchObject({ status: "succeeded", refunded_amount: "0.00", refunds: [] });
    expect(await eventCounts(customer, order.id)).toEqual({ "order.created": 1, "order.paid": 1 });
  });

  test("gets one payment, however many ask at once", async () => {
    const customer = shop(system);
    const order = (await customer.order()).body;
    const answers = await Promise.all(Array.from({ length: 20 }, () => customer.pay(order.id)));
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(answers.filter((answer) => answer.status === 409)).toHaveLength(19);
  });

  test("is created once, however often it is requested with one key", async () => {
    const customer = shop(system);
    const body = { customer_name: "once", total_amount: "10.00" };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => customer.order(body, { "idempotency-key": "the-one" })),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]));
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    expect(answers.filter((answer) => answer.headers["idempotent-replayed"] === "true")).toHaveLength(19);
    expect((await customer.orders()).body.items).toHaveLength(1);
    const other = await customer.order({ ...body, total_amount: "11.00" }, { "idempotency-key": "the-one" });
    expect(other).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
  });

  test("that is cancelled before its payment arrives gets the money back", async () => {
    const customer = shop(system);
    const { order, payment, callback } = await paidPayment(customer);
    expect((await customer.cancelOrder(order.id)).status).toBe(200);
    expect((await sendCallback(system, callback)).status).toBe(200);
    const refunded = await until("the money is refunded", async () => {
      const { body } = await customer.readPayment(payment.id);
      return body.status === "refunded" && body;
    });
    expect(refunded).toMatchObject({
      refunded_amount: "299.99",
      refunds: [{ automatic: true, status: "done" }],
    });
    expect((await customer.readOrder(order.id)).body.status).toBe("cancelled");
  });

  test("is refunded when all is refunded, and stays paid for a part of it", async () => {
    const customer = shop(system);
    const { order, payment, callback } = await paidPayment(customer);
    await sendCallback(system, callback);
    await orderIn(customer, order.id, "paid");
    expect((await customer.refund(payment.id, { amount: "99.99", reason: "one came broken" })).status).toBe(
      201,
    );
    await until("a part is refunded", async () => {
      const { body } = await customer.readPayment(payment.id);
      return body.status === "partially_refunded" && body.refunded_amount === "99.99";
    });
    expect((await customer.readOrder(order.id)).body.status).toBe("paid");
    expect(await customer.refund(payment.id, { amount: "200.01", reason: "too much" })).toMatchObject({
      status: 409,
    });
    expect((await customer.refund(payment.id)).status).toBe(201);
    await orderIn(customer, order.id, "refunded");
  });

  test("notifies its seller as well", async () => {
    const seller = shop(system);
    const customer = shop(system);
    const order = (await customer.order({ customer_name: "王五", total_amount: 5, seller_id: seller.user }))
      .body;
    const payment = (await customer.pay(order.id)).body;
    await sendCallback(system, providerCallback(SECRET, payment));
    await until("both were notified of both", async () => {
      const counts = await Promise.all([eventCounts(customer, order.id), eventCounts(seller, order.id)]);
      return counts.every((counts) => counts["order.created"] === 1 && counts["order.paid"] === 1);
    });
    expect((await seller.readOrder(order.id)).status).toBe(200);
    expect((await seller.orders("?role=seller")).body.items).toHaveLength(1);
  });
});

test("discovery shows where PaymentService is", async () => {
  const { status, body } = await shop(system).call(
    "GET",
    `${system.urls.orders}/api/orders/discover/payment/`,
  );
  const port = Number(new URL(system.urls.payments).port);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    service: "PaymentService",
    chosen: { port },
    instances: [{ port, healthy: true }],
  });
});

test("mail goes to the address in the token and nowhere else", async () => {
  const SECRET_KEY = readFileSync(join(system.dataDir, "secret-key"), "utf8").trim();
  const tokens = createTokens({ SECRET_KEY, TOKEN_AUDIENCE: "cfmp-order" });
  const token = await tokens.mintUser({ sub: "mailed", email: "mailed@shop.example" }, 60);
  const customer = shop(system, "mailed", { authorization: `Bearer ${token}` });
  const order = (await customer.order()).body;
  const mail = await until("the mail arrives", async () => {
    const { body } = await send("GET", `${system.mailUrl}/api/messages`);
    const messages: readonly { to: unknown; text: string }[] = Array.isArray(body) ? body : body.items;
    return messages.find((message) => JSON.stringify(message.to).includes("mailed@shop.example"));
  });
  expect(JSON.stringify(mail)).toContain("299.99");
  expect(order.status).toBe("pending");
});
