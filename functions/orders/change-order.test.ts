import { describe, expect, test } from "@jest/globals";
import { type Ask, orderApi } from "./test-api.ts";
import { MINUTE, NOW } from "./test-orders.ts";

const iso = (time: number) => new Date(time).toISOString();
const refusal = (status: number, code: string) => ({ status, body: { code } });
const leave = (id: string) => ({
  params: { id },
  body: { payment_id: id, user_id: "buyer", live_until: iso(NOW + 15 * MINUTE) },
});

describe("editing", () => {
  test("changes what is given and leaves the rest", async () => {
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

  test("leaves money alone while a payment is live, and free once it is over", async () => {
    const { ask, place } = orderApi();
    const id = await place();
    await ask("openPayment", leave(id));
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

describe("who may change an order", () => {
  const attempts: ["updateOrder" | "deleteOrder" | "cancelOrder" | "completeOrder", number][] = [
    ["updateOrder", 403],
    ["deleteOrder", 403],
    ["cancelOrder", 200],
    ["completeOrder", 409],
  ];

  test.each(attempts)("%s by the seller of a pending order: %p", async (route, status) => {
    const { ask, place } = orderApi();
    const asked: Ask = { params: { id: await place() }, as: "seller", body: {} };
    expect((await ask(route, asked)).status).toBe(status);
  });

  test.each(attempts)("%s by a stranger finds no order, whatever If-Match says", async (route) => {
    const { ask, place } = orderApi();
    const asked: Ask = { params: { id: await place() }, as: "stranger", body: {}, ifMatch: '"9"' };
    expect(await ask(route, asked)).toMatchObject(refusal(404, "not_found"));
  });
});

describe("If-Match", () => {
  test("lets a change through that is based on the present revision", async () => {
    const { ask, place } = orderApi();
    const id = await place();
    const first = await ask("updateOrder", { params: { id }, body: { remark: "1" }, ifMatch: '"1"' });
    expect(first.status).toBe(200);
    const second = await ask("updateOrder", { params: { id }, body: { remark: "2" }, ifMatch: '"1"' });
    expect(second).toMatchObject(refusal(412, "revision_stale"));
    expect((await ask("updateOrder", { params: { id }, body: { remark: "2" }, ifMatch: "*" })).status).toBe(
      200,
    );
  });

  test("of 10 changes based on the same revision, one is made", async () => {
    const { ask, place } = orderApi();
    const id = await place();
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        ask("updateOrder", { params: { id }, body: { remark: `by ${at}` }, ifMatch: '"1"' }),
      ),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(412)]);
  });

  test.each(["cancelOrder", "deleteOrder", "updateOrder"] as const)("is honoured by %s", async (route) => {
    const { ask, place } = orderApi();
    const asked: Ask = { params: { id: await place() }, body: {}, ifMatch: '"7"' };
    expect(await ask(route, asked)).toMatchObject(refusal(412, "revision_stale"));
  });

  test("internal bookkeeping does not change what it is compared with", async () => {
    const { ask, place } = orderApi();
    const id = await place();
    await ask("openPayment", leave(id));
    const { headers } = await ask("getOrder", { params: { id } });
    const later = { ...leave(id).body, live_until: iso(NOW + 20 * MINUTE) };
    await ask("openPayment", { params: { id }, body: later });
    expect((await ask("getOrder", { params: { id } })).headers["etag"]).toBe(headers["etag"]);
  });
});

describe("deleting", () => {
  test("hides the order everywhere, and keeps it for late payments", async () => {
    const { ask, place, service } = orderApi();
    const id = await place();
    expect((await ask("deleteOrder", { params: { id } })).status).toBe(204);
    for (const route of ["getOrder", "deleteOrder", "updateOrder", "cancelOrder"] as const) {
      expect(await ask(route, { params: { id }, body: {} })).toMatchObject(refusal(404, "not_found"));
    }
    expect((await ask("readInternal", { params: { id } })).status).toBe(404);
    expect((await ask("listOrders")).body.items).toEqual([]);
    expect((await ask("listOrders", { query: { role: "seller" }, as: "seller" })).body.items).toEqual([]);
    expect((await ask("listOrders", { query: { status: "cancelled" } })).body.items).toEqual([]);
    expect((await ask("orderStats")).body.by_status.cancelled).toEqual({});
    expect(await service.store.read(id)).toMatchObject({ status: "cancelled", deleted_at: iso(NOW) });
  });

  test("is refused for a paid order", async () => {
    const { ask, place, pay } = orderApi();
    const id = await place();
    await pay(id);
    expect(await ask("deleteOrder", { params: { id } })).toMatchObject(refusal(409, "order_not_deletable"));
  });

  test("a capture that comes later is to be given back", async () => {
    const { ask, place } = orderApi();
    const id = await place();
    await ask("deleteOrder", { params: { id } });
    const capture = { payment_id: id, seq: 1, attempt: 1, state: "captured", currency: "CNY" };
    const { body } = await ask("applyPaymentEvent", {
      params: { id },
      body: { ...capture, captured_amount: 10_000, refunded_amount: 0 },
    });
    expect(body).toEqual({ verdict: "refund", reason: "the order is cancelled" });
  });
});

test("a capture of an order that never was is to be given back", async () => {
  const { ask } = orderApi();
  const id = "0190a000-0000-7000-8000-00000000dead";
  const capture = { payment_id: id, seq: 1, attempt: 1, state: "captured", currency: "CNY" };
  const { status, body } = await ask("applyPaymentEvent", {
    params: { id },
    body: { ...capture, captured_amount: 1, refunded_amount: 0 },
  });
  expect([status, body.verdict]).toEqual([200, "refund"]);
});

test("of cancelling, paying and completing at once one comes first, and what it leaves is whole", async () => {
  for (let round = 0; round < 20; round += 1) {
    const { ask, place, pay } = orderApi();
    const id = await place();
    const [cancelled] = await Promise.all([ask("cancelOrder", { params: { id }, body: {} }), pay(id)]);
    const { body } = await ask("getOrder", { params: { id } });
    expect(body.status).toBe(cancelled.status === 200 ? "cancelled" : "paid");
    expect(body.paid_at === null).toBe(body.status === "cancelled");
  }
});
