import { describe, expect, test } from "@jest/globals";
import { orderApi } from "../test-api.ts";
import { NOW } from "../test-orders.ts";

const iso = (time: number) => new Date(time).toISOString();
const refusal = (status: number, code: string) => ({ status, body: { code } });

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
    const deleted = await service.store.read(id);
    expect(deleted).toMatchObject({ status: "cancelled", deleted_at: iso(NOW + 2) });
    expect(deleted?.updated_at).toBe(iso(NOW + 2));
  });

  test("is refused for a paid order", async () => {
    const { ask, place, pay } = orderApi();
    const id = await place();
    await pay(id);
    expect(await ask("deleteOrder", { params: { id } })).toMatchObject(refusal(409, "order_not_deletable"));
  });

  test("a capture that comes later is to be refunded", async () => {
    const { ask, place } = orderApi();
    const id = await place();
    await ask("deleteOrder", { params: { id } });
    const capture = { payment_id: id, seq: 1, attempt: 1, state: "captured", currency: "CNY" };
    const { body } = await ask("applyPaymentEvent", {
      params: { id },
      body: { ...capture, captured_amount: 10_000, refunded_amount: 0 },
    });
    expect(body).toEqual({
      verdict: "refund",
      reason: "the order is cancelled",
      changed_at: iso(NOW + 2),
    });
  });
});
