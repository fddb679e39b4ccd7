import { describe, expect, test } from "@jest/globals";
import { createPayment } from "../payment-attempts.ts";
import { paymentIdFor } from "../payment-store.ts";
import { buyer, PAYMENT_ID, scope, seller, testWorld, user } from "../test-world.ts";
import { handle as get } from "./get-payment.ts";
import { handle as list } from "./list-payments.ts";

test("a payment is read by its payer and the order's seller, by nobody else", async () => {
  const world = testWorld();
  await world.pay();
  const read = (who: typeof buyer) => get(world.service, { params: { id: PAYMENT_ID }, user: who });
  expect((await read(buyer)).body.id).toBe(PAYMENT_ID);
  expect((await read(seller)).body.id).toBe(PAYMENT_ID);
  await expect(read(user("stranger", ["sell"]))).rejects.toMatchObject({ kind: "not_found" });
  await expect(read(user("seller"))).rejects.toMatchObject({ kind: "not_found" });
});

test("nothing internal is shown", async () => {
  const world = testWorld();
  const { body } = await world.pay();
  expect(JSON.stringify(body)).not.toMatch(/fingerprint|outbox|email|@|check_at|"key"/);
});

describe("the list", () => {
  async function withPayments(count: number) {
    const world = testWorld();
    for (let no = 1; no <= count; no += 1) {
      const order_id = `order-${no}`;
      const payment = createPayment(
        {
          id: paymentIdFor(order_id),
          order_id,
          user_id: no === count ? "other" : "buyer",
          seller_id: null,
          buyer_email: null,
          currency: "CNY",
        },
        {
          method: "sandbox",
          amount: no * 100,
          reference: String(no).padStart(32, "0"),
          checkout: {},
          creation: { id: `key-${no}`, fingerprint: "f", keyed: false },
          expires_at: new Date(world.clock.time + no).toISOString(),
        },
        world.clock.time + no,
      );
      await world.service.store.create(payment);
    }
    const page = (limit: number, cursor?: string, who = buyer) =>
      list(world.service, {
        query: { limit, ...(cursor === undefined ? {} : { cursor }) },
        scope,
        user: who,
      });
    return page;
  }

  test("shows one's own payments, newest first, page by page", async () => {
    const page = await withPayments(6);
    const first = await page(3);
    expect(first.body.items.map(({ amount }) => amount)).toEqual(["5.00", "4.00", "3.00"]);
    const second = await page(3, first.body.next_cursor ?? "");
    expect(second.body.items.map(({ amount }) => amount)).toEqual(["2.00", "1.00"]);
    expect(second.body.next_cursor).toBeNull();
  });

  test("refuses a cursor that was given to someone else, or was made up", async () => {
    const page = await withPayments(6);
    const { next_cursor } = (await page(3)).body;
    const refusal = { kind: "malformed", code: "cursor_invalid" };
    await expect(page(3, next_cursor ?? "", user("other"))).rejects.toMatchObject(refusal);
    await expect(page(3, "made.up")).rejects.toMatchObject(refusal);
  });
});
