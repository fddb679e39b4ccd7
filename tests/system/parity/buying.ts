// Orders: from their creation to their end, and what their user sees meanwhile.

import { expect } from "@jest/globals";
import { until } from "../../support/poll.ts";
import { eventCounts, orderIn, providerCallback, sendCallback } from "../../support/shop.ts";
import { atOnce, type Journeys, provider, visitor } from "./target.ts";

export const buying: Journeys = {
  "An order is created, paid by a signed callback and completed, and its buyer is notified": async (
    target,
  ) => {
    const buyer = await visitor(target);
    const created = await buyer.order({ customer_name: "张三", total_amount: 299.99, status: "pending" });
    expect(created).toMatchObject({
      status: 201,
      body: { status: "pending", total_amount: "299.99", customer_name: "张三" },
    });
    const paying = await buyer.pay(created.body.id);
    expect(paying).toMatchObject({ status: 201, body: { amount: "299.99", status: "pending" } });
    const callback = providerCallback(target.sandboxSecret, paying.body);
    expect(await sendCallback(provider(target), callback)).toMatchObject({ status: 200 });
    const paid = await orderIn(buyer, created.body.id, "paid");
    expect(paid.payment_id).toBe(paying.body.id);
    await until("both notifications exist", async () => {
      const counts = await eventCounts(buyer, paid.id);
      return counts["order.created"] === 1 && counts["order.paid"] === 1;
    });
    expect((await buyer.completeOrder(paid.id)).body.status).toBe("completed");
  },

  "An order is created once, however often it is requested with one key": async (target) => {
    const buyer = await visitor(target);
    const body = { customer_name: "once", total_amount: "10.00" };
    const answers = await atOnce(() => buyer.order(body, { "idempotency-key": "the-one" }));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    const replayed = answers.filter(({ headers }) => headers["idempotent-replayed"] === "true");
    // All of them, where the reply to the first one came too late.
    expect(replayed.length).toBeGreaterThanOrEqual(answers.length - 1);
    expect((await buyer.orders()).body.items).toHaveLength(1);
    const other = await buyer.order({ ...body, total_amount: "11.00" }, { "idempotency-key": "the-one" });
    expect(other).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
  },

  "An order is changed only by who has seen its present state": async (target) => {
    const buyer = await visitor(target);
    const { body, headers } = await buyer.order();
    const path = `${target.urls.orders}/api/orders/${body.id}/`;
    const seen = String(headers["etag"]);
    expect(await buyer.call("GET", path, undefined, { "if-none-match": seen })).toMatchObject({
      status: 304,
      body: "",
    });
    const change = (remark: string) => buyer.call("PUT", path, { remark }, { "if-match": seen });
    expect(await change("first")).toMatchObject({ status: 200, body: { remark: "first" } });
    expect(await change("second")).toMatchObject({ status: 412, body: { code: "revision_stale" } });
    expect((await buyer.readOrder(body.id)).body.remark).toBe("first");
  },

  "Orders are listed page by page, newest first, and summed by status": async (target) => {
    const buyer = await visitor(target);
    const ids: string[] = [];
    for (const total_amount of [1, 2, 3])
      ids.unshift((await buyer.order({ customer_name: "x", total_amount })).body.id);
    await buyer.cancelOrder(ids[2] ?? "");
    const first = (await buyer.orders("?limit=2")).body;
    const second = (await buyer.orders(`?limit=2&cursor=${first.next_cursor}`)).body;
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);
    expect(second.next_cursor).toBeNull();
    expect((await buyer.orders("?status=cancelled")).body.items).toMatchObject([{ id: ids[2] }]);
    expect((await buyer.orders("stats/")).body.by_status).toMatchObject({
      pending: { CNY: { count: 2, total_amount: "5.00" } },
      cancelled: { CNY: { count: 1, total_amount: "1.00" } },
    });
  },

  "An order that its buyer deletes is gone from their lists": async (target) => {
    const buyer = await visitor(target);
    const { body } = await buyer.order();
    expect((await buyer.deleteOrder(body.id)).status).toBe(204);
    expect((await buyer.readOrder(body.id)).status).toBe(404);
    expect((await buyer.orders()).body.items).toEqual([]);
    expect((await buyer.pay(body.id)).status).toBe(404);
  },
};
