import { describe, expect, test } from "@jest/globals";
import { memoryTable } from "../../../tests/support/memory-table.ts";
import { orderApi } from "../test-api.ts";
import { LIFETIME, NOW } from "../test-orders.ts";

const plain = { customer_name: "张三", total_amount: 299.99, status: "pending" };
const lines = [
  { product_id: "p1", name: "Tea", unit_price: "12.50", quantity: 3 },
  { product_id: "p2", name: "Cup", unit_price: 0.01, quantity: 1 },
];

describe("creating an order", () => {
  test("takes the body of the original system", async () => {
    const { ask } = orderApi();
    const { status, headers, body } = await ask("createOrder", { body: plain });
    expect(status).toBe(201);
    expect(headers["etag"]).toBe('"1"');
    expect(body).toMatchObject({
      status: "pending",
      customer_name: "张三",
      buyer_id: "buyer",
      seller_id: null,
      total_amount: "299.99",
      currency: "CNY",
      items: [],
      version: 1,
      expires_at: new Date(NOW + LIFETIME).toISOString(),
    });
  });

  test("computes the total of its lines", async () => {
    const { ask } = orderApi();
    const { body } = await ask("createOrder", { body: { customer_name: "a", items: lines } });
    expect(body.total_amount).toBe("37.51");
    expect(body.items.map((line: { line_total: string }) => line.line_total)).toEqual(["37.50", "0.01"]);
  });

  test("is told of it, should the reply to its write be lost and the relay have changed it before the next try", async () => {
    const memory = memoryTable();
    let ask = orderApi().ask;
    let lost = true;
    const put: typeof memory.put = async (item, replaces) => {
      const written = await memory.put(item, replaces);
      if (!lost) return written;
      lost = false;
      await ask("cancelOrder", { params: { id: item.id }, body: {} });
      return memory.put(item, replaces);
    };
    ask = orderApi({ ...memory, put }).ask;
    const { status, body } = await ask("createOrder", { body: plain });
    expect({ status, order: body }).toMatchObject({ status: 201, order: { status: "cancelled" } });
    expect((await ask("listOrders")).body.items).toHaveLength(1);
  });

  test("gives it to nobody else to see", async () => {
    const { ask, place } = orderApi();
    const id = await place();
    expect((await ask("getOrder", { params: { id } })).status).toBe(200);
    expect((await ask("getOrder", { params: { id }, as: "seller" })).status).toBe(200);
    expect(await ask("getOrder", { params: { id }, as: "stranger" })).toMatchObject({
      status: 404,
      body: { code: "not_found" },
    });
  });

  test("never shows the address in the buyer's token, nor what is internal", async () => {
    const { ask, place } = orderApi();
    const { body } = await ask("getOrder", { params: { id: await place() } });
    for (const hidden of ["buyer_email", "outbox", "fingerprint", "deleted_at", "payment"]) {
      expect(body).not.toHaveProperty(hidden);
    }
  });

  test.each<[string, object | string, string]>([
    ["an amount beyond all numbers", '{"customer_name":"a","total_amount":1e309}', "body_invalid"],
    ["neither lines nor a total", { customer_name: "a" }, "total_missing"],
    [
      "a total that is not that of the lines",
      { customer_name: "a", items: lines, total_amount: 37.5 },
      "total_mismatch",
    ],
    [
      "lines worth too much",
      { customer_name: "a", items: [{ ...lines[0], unit_price: 1e9, quantity: 2 }] },
      "total_too_large",
    ],
    ["no lines in a list", { customer_name: "a", items: [] }, "body_invalid"],
    ["101 lines", { customer_name: "a", items: Array.from({ length: 101 }, () => lines[0]) }, "body_invalid"],
    ["half a line", { customer_name: "a", items: [{ ...lines[0], quantity: 0.5 }] }, "body_invalid"],
    ["a status that it can't begin with", { ...plain, status: "paid" }, "body_invalid"],
    ["an unknown currency", { ...plain, currency: "XXX" }, "body_invalid"],
    ["oneself as the seller", { ...plain, seller_id: "buyer" }, "seller_is_buyer"],
    ["another's id", { ...plain, buyer_id: "bob" }, "body_invalid"],
    ...[0, -1, 0.335, "1,000", "", "1e3", null, true, [1]].map((amount): [string, object, string] => [
      `the amount ${amount}`,
      { ...plain, total_amount: amount },
      "body_invalid",
    ]),
  ])("refuses %s, and writes nothing", async (_, body, code) => {
    const { ask, hints } = orderApi();
    expect(await ask("createOrder", { body })).toMatchObject({ status: 422, body: { code } });
    expect(hints).toEqual([]);
    expect((await ask("listOrders")).body.items).toEqual([]);
  });
});

describe("an Idempotency-Key", () => {
  test("makes 20 requests at once one order", async () => {
    const { ask } = orderApi();
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => ask("createOrder", { body: plain, key: "k1" })),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(replies.map(({ body }) => body.id)).size).toBe(1);
    expect(replies.filter(({ headers }) => headers["idempotent-replayed"] !== "true")).toHaveLength(1);
    expect((await ask("listOrders")).body.items).toHaveLength(1);
  });

  test("repeated with its key shows the order as it is now", async () => {
    const { ask } = orderApi();
    const { body } = await ask("createOrder", { body: plain, key: "k1" });
    await ask("cancelOrder", { params: { id: body.id }, body: {} });
    const again = await ask("createOrder", { body: plain, key: "k1" });
    expect(again).toMatchObject({ status: 201, body: { id: body.id, status: "cancelled" } });
    expect(again.headers["etag"]).toBe('"2"');
  });

  test("takes amounts that are written otherwise for the same, and other values not", async () => {
    const { ask } = orderApi();
    await ask("createOrder", { body: plain, key: "k1" });
    const same = await ask("createOrder", { body: { ...plain, total_amount: "299.99" }, key: "k1" });
    expect(same.status).toBe(201);
    expect(await ask("createOrder", { body: { ...plain, total_amount: 300 }, key: "k1" })).toMatchObject({
      status: 422,
      body: { code: "idempotency_key_reused" },
    });
  });

  test("of an order that was deleted is gone for good", async () => {
    const { ask } = orderApi();
    const { body } = await ask("createOrder", { body: plain, key: "k1" });
    await ask("deleteOrder", { params: { id: body.id } });
    expect(await ask("createOrder", { body: plain, key: "k1" })).toMatchObject({
      status: 410,
      body: { code: "gone" },
    });
  });

  test("is each user's own", async () => {
    const { ask } = orderApi();
    const [mine, yours] = [
      await ask("createOrder", { body: plain, key: "k1", as: "ann" }),
      await ask("createOrder", { body: plain, key: "k1", as: "bob" }),
    ];
    expect(yours.body.id).not.toBe(mine.body.id);
  });

  test("left out makes an order each time", async () => {
    const { ask } = orderApi();
    await ask("createOrder", { body: plain });
    await ask("createOrder", { body: plain });
    expect((await ask("listOrders")).body.items).toHaveLength(2);
  });
});
