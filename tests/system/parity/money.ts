// Payments: money is taken once, for the right amount, and comes back where it has to.

import { expect } from "@jest/globals";
import { until } from "../../support/poll.ts";
import { eventCounts, orderIn, providerCallback, type Shop, sendCallback } from "../../support/shop.ts";
import { atOnce, type Journeys, provider, type Target, visitor } from "./target.ts";

/** An order of a new buyer, its payment, and the provider's callback for it. */
async function paying(target: Target) {
  const buyer = await visitor(target);
  const order = (await buyer.order()).body;
  const payment = (await buyer.pay(order.id)).body;
  return { buyer, order, payment, callback: providerCallback(target.sandboxSecret, payment) };
}

const paymentIn = (buyer: Shop, id: string, status: string) =>
  until(`payment ${id} is ${status}`, async () => {
    const { body } = await buyer.readPayment(id);
    return body.status === status && body;
  });

export const money: Journeys = {
  "An order gets one payment, however many are asked for at once": async (target) => {
    const buyer = await visitor(target);
    const order = (await buyer.order()).body;
    const statuses = (await atOnce(() => buyer.pay(order.id))).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([201, ...Array(statuses.length - 1).fill(409)]);
    expect((await buyer.payments()).body.items).toHaveLength(1);
  },

  "Many identical callbacks at once pay an order once": async (target) => {
    const { buyer, order, payment, callback } = await paying(target);
    const answers = await atOnce(() => sendCallback(provider(target), callback));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    await orderIn(buyer, order.id, "paid");
    await until("the buyer was notified", async () => {
      return (await eventCounts(buyer, order.id))["order.paid"] === 1;
    });
    const { body } = await buyer.readPayment(payment.id);
    expect(body).toMatchObject({ status: "succeeded", refunded_amount: "0.00", refunds: [] });
    expect(await eventCounts(buyer, order.id)).toEqual({ "order.created": 1, "order.paid": 1 });
  },

  "A callback that nobody has signed pays nothing": async (target) => {
    const { buyer, order, payment, callback } = await paying(target);
    const forged = { ...callback, body: callback.body.replace("299.99", "0.01") };
    expect((await sendCallback(provider(target), forged)).status).toBe(401);
    expect((await sendCallback(provider(target), { ...callback, headers: {} })).status).toBe(401);
    expect((await buyer.readPayment(payment.id)).body.status).toBe("pending");
    expect((await buyer.readOrder(order.id)).body.status).toBe("pending");
  },

  "A payment that fails leaves its order open for another one": async (target) => {
    const { buyer, order, payment } = await paying(target);
    const failure = providerCallback(target.sandboxSecret, payment, { outcome: "failure" });
    expect((await sendCallback(provider(target), failure)).status).toBe(200);
    await paymentIn(buyer, payment.id, "failed");
    const again = await until("another payment begins", async () => {
      const reply = await buyer.pay(order.id);
      return reply.status === 201 && reply.body;
    });
    await sendCallback(provider(target), providerCallback(target.sandboxSecret, again));
    expect((await orderIn(buyer, order.id, "paid")).payment_id).toBe(again.id);
  },

  "An order that is cancelled before its payment arrives gets the money back": async (target) => {
    const { buyer, order, payment, callback } = await paying(target);
    expect((await buyer.cancelOrder(order.id)).status).toBe(200);
    expect((await sendCallback(provider(target), callback)).status).toBe(200);
    expect(await paymentIn(buyer, payment.id, "refunded")).toMatchObject({
      refunded_amount: "299.99",
      refunds: [{ automatic: true, status: "done" }],
    });
    expect((await buyer.readOrder(order.id)).body.status).toBe("cancelled");
  },

  "A seller refunds a part of the money, then the rest, and never more": async (target) => {
    const [buyer, seller] = [await visitor(target), await visitor(target, { scope: "sell" })];
    const order = (await buyer.order({ customer_name: "x", total_amount: 299.99, seller_id: seller.user }))
      .body;
    const payment = (await buyer.pay(order.id)).body;
    await sendCallback(provider(target), providerCallback(target.sandboxSecret, payment));
    await orderIn(buyer, order.id, "paid");
    const part = await seller.refund(payment.id, { amount: "99.99", reason: "one came broken" });
    expect(part.status).toBe(201);
    expect((await paymentIn(buyer, payment.id, "partially_refunded")).refunded_amount).toBe("99.99");
    expect((await buyer.readOrder(order.id)).body.status).toBe("paid");
    expect((await seller.refund(payment.id, { amount: "200.01", reason: "too much" })).status).toBe(409);
    expect((await seller.refund(payment.id)).status).toBe(201);
    await orderIn(buyer, order.id, "refunded");
    expect((await paymentIn(buyer, payment.id, "refunded")).refunded_amount).toBe("299.99");
  },
};
