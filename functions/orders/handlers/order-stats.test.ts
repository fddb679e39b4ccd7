import { describe, expect, test } from "@jest/globals";
import { orderApi } from "../test-api.ts";

describe("stats", () => {
  test("count and sum the caller's orders per status and currency", async () => {
    const { ask, place, pay } = orderApi();
    const paid = [await place(), await place({ total_amount: "0.05" })];
    for (const id of paid) await pay(id);
    await place({ currency: "USD", total_amount: 7 });
    await place({}, "somebody-else");
    const { body } = await ask("orderStats");
    expect(body).toEqual({
      role: "buyer",
      by_status: {
        pending: { USD: { count: 1, total_amount: "7.00", capped: false } },
        paid: { CNY: { count: 2, total_amount: "100.05", capped: false } },
        completed: {},
        cancelled: {},
        refunded: {},
      },
    });
    const { body: selling } = await ask("orderStats", { as: "seller", query: { role: "seller" } });
    expect(selling.by_status.pending.CNY.count).toBe(1);
  });

  test("of what one sells need the scope `sell`", async () => {
    const asked = { as: "seller", query: { role: "seller" }, scopes: "" };
    expect(await orderApi().ask("orderStats", asked)).toMatchObject({
      status: 403,
      body: { code: "scope_missing" },
    });
  });

  test("say so when there are more than they count", async () => {
    const { ask, place } = orderApi();
    for (let at = 0; at < 1_001; at += 1) await place({ total_amount: 1 });
    expect((await ask("orderStats")).body.by_status.pending.CNY).toEqual({
      count: 1_000,
      total_amount: "1000.00",
      capped: true,
    });
  });
});
