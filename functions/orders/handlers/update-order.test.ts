import { describe, expect, test } from "@jest/globals";
import { orderApi } from "../test-api.ts";
import { MINUTE, NOW } from "../test-orders.ts";

const iso = (time: number) => new Date(time).toISOString();
const refusal = (status: number, code: string) => ({ status, body: { code } });
const attempt = (id: string) => ({
  params: { id },
  body: { payment_id: id, user_id: "buyer", live_until: iso(NOW + 15 * MINUTE) },
});

describe("editing", () => {
  test("changes the given fields and no others", async () => {
    const { ask, place } = orderApi();
    const id = await place({ remark: "ring twice" });
    const { body, headers } = await ask("updateOrder", { params: { id }, body: { customer_name: "李四" } });
    expect(body).toMatchObject({ customer_name: "李四", remark: "ring twice", version: 2 });
    expect(headers["etag"]).toBe('"2"');
  });

  test("replaces lines and total together", async () => {
    const { ask, place } = orderApi();
    const id = await place();
    const items = [{ product_id: "p", name: "n", unit_price: 1, quantity: 2 }];
    const edited = await ask("updateOrder", { params: { id }, body: { items } });
    expect(edited.body.total_amount).toBe("2.00");
    const contradicting = await ask("updateOrder", { params: { id }, body: { total_amount: 3 } });
    expect(contradicting).toMatchObject(refusal(422, "total_mismatch"));
  });

  test("with the values that are there changes no revision", async () => {
    const { ask, place } = orderApi();
    const id = await place();
    const { body } = await ask("updateOrder", {
      params: { id },
      body: { customer_name: "张三", status: "pending" },
    });
    expect(body.version).toBe(1);
  });

  test("refuses another amount while a payment is live, and accepts it afterwards", async () => {
    const { ask, place } = orderApi();
    const id = await place();
    await ask("grantPaymentLease", attempt(id));
    const frozen = await ask("updateOrder", { params: { id }, body: { total_amount: 1 } });
    expect(frozen).toMatchObject(refusal(409, "payment_in_progress"));
    expect((await ask("updateOrder", { params: { id }, body: { remark: "x" } })).status).toBe(200);
    const over = { payment_id: id, seq: 1, attempt: null, state: "ended", currency: "CNY" };
    await ask("applyPaymentEvent", {
      params: { id },
      body: { ...over, captured_amount: 0, refunded_amount: 0 },
    });
    expect((await ask("updateOrder", { params: { id }, body: { total_amount: 1 } })).status).toBe(200);
  });

  test("accepts another amount once the payment's lease was given back, and names no payment", async () => {
    const { ask, place } = orderApi();
    const id = await place();
    const lease = { ...attempt(id).body, holder: "request-1" };
    await ask("grantPaymentLease", { params: { id }, body: lease });
    expect((await ask("getOrder", { params: { id } })).body.payment_id).toBe(lease.payment_id);
    await ask("grantPaymentLease", { params: { id }, body: { ...lease, given_back: true } });
    const edited = await ask("updateOrder", { params: { id }, body: { total_amount: 1 } });
    expect(edited).toMatchObject({ status: 200, body: { payment_id: null, total_amount: "1.00" } });
    expect(edited.body.history.map(({ note }: { note: string }) => note)).toEqual([
      "created",
      "payment begun",
      "payment not begun",
      "edited",
    ]);
  });

  test.each(["cancelled", "completed"])(
    "may ask for the status %s under that route's rules",
    async (status) => {
      const { ask, place, pay } = orderApi();
      const id = await place();
      if (status === "completed") {
        const early = await ask("updateOrder", { params: { id }, body: { status } });
        expect(early).toMatchObject(refusal(409, "order_not_completable"));
        await pay(id);
      }
      expect((await ask("updateOrder", { params: { id }, body: { status } })).body.status).toBe(status);
    },
  );

  test.each(["paid", "refunded"])("may not ask for the status %s", async (status) => {
    const { ask, place } = orderApi();
    const id = await place();
    const answer = await ask("updateOrder", { params: { id }, body: { status } });
    expect(answer).toMatchObject(refusal(409, "order_status_not_settable"));
  });
});
