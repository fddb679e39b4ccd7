import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Table } from "../../../lib/storage/table.ts";
import { memoryTable } from "../../../tests/support/memory-table.ts";
import { shortPages } from "../../../tests/support/short-pages.ts";
import { ORDER_STATUSES } from "../order-status.ts";
import { orderApi } from "../test-api.ts";
import { NOW } from "../test-orders.ts";

const SORTS = ["created_at", "-created_at", "total_amount", "-total_amount"] as const;
const ROLES = ["buyer", "seller"] as const;

interface Listed {
  readonly id: string;
  readonly status: string;
  readonly buyer_id: string;
  readonly seller_id: string | null;
  readonly total_amount: string;
  readonly created_at: string;
}

/** Picks as dice would, but the same each time. */
function picker() {
  let state = 4_711;
  return <T>(from: readonly T[]): T => {
    state = (state * 48_271) % 2_147_483_647;
    const picked = from[state % from.length];
    if (picked === undefined) throw new Error("there is nothing to pick from");
    return picked;
  };
}

/** 60 orders of two buyers, who also sell to each other, and another seller, in every status, many of the same amount, some made at the same moment. */
async function market(table: Table = memoryTable()) {
  const api = orderApi(table);
  const pick = picker();
  for (let at = 0; at < 60; at += 1) {
    api.clock.time = NOW + Math.floor(at / 2) * 1_000;
    const buyer = pick(["ann", "ann", "bob"]);
    const seller_id = pick(["ann", "bob", "sam"].filter((name) => name !== buyer));
    const id = await api.place({ total_amount: pick([5, 1000, 12.5, 999.99]), seller_id }, buyer);
    const status = pick(ORDER_STATUSES);
    await api.service.store.change(id, (order) => ({ ...order, status }));
  }
  const all: Listed[] = [];
  for (const as of ["ann", "bob"]) {
    let cursor: string | undefined;
    do {
      const { body } = await api.ask("listOrders", {
        as,
        query: { limit: "100", ...(cursor ? { cursor } : {}) },
      });
      all.push(...body.items);
      cursor = body.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }
  return { ...api, all };
}

/** The whole list by the naive way. */
function expected(
  all: readonly Listed[],
  user: string,
  role: string,
  status: string | undefined,
  sort: string,
): string[] {
  const sign = sort.startsWith("-") ? -1 : 1;
  const key = (order: Listed) =>
    sort.endsWith("amount") ? order.total_amount.padStart(20, "0") : order.created_at;
  return all
    .filter((order) => (role === "buyer" ? order.buyer_id : order.seller_id) === user)
    .filter((order) => status === undefined || order.status === status)
    .sort((a, b) => (`${key(a)}#${a.id}` < `${key(b)}#${b.id}` ? -sign : sign))
    .map((order) => order.id);
}

const combinations = ROLES.flatMap((role) =>
  [undefined, ...ORDER_STATUSES].flatMap((status) =>
    SORTS.flatMap((sort) => [1, 7, 100].map((limit) => ({ role, status, sort, limit }))),
  ),
);

describe.each([
  ["whole pages", memoryTable()],
  ["pages that end early", shortPages(memoryTable(), 1)],
])("a list over %s", (_, table) => {
  let shop: Awaited<ReturnType<typeof market>>;
  beforeAll(async () => {
    shop = await market(table);
  });

  test("the naive model has something to say", () => {
    expect(shop.all).toHaveLength(60);
    expect(expected(shop.all, "ann", "seller", "paid", "created_at").length).toBeGreaterThan(2);
  });

  test.each(combinations)(
    "role $role, status $status, sort $sort, by $limit",
    async ({ role, status, sort, limit }) => {
      const seen: string[] = [];
      let cursor: string | undefined;
      let pages = 0;
      do {
        const { status: answered, body } = await shop.ask("listOrders", {
          as: "ann",
          query: {
            role,
            sort,
            limit: String(limit),
            ...(status === undefined ? {} : { status }),
            ...(cursor === undefined ? {} : { cursor }),
          },
        });
        expect(answered).toBe(200);
        expect(body.items.length).toBeLessThanOrEqual(limit);
        seen.push(...body.items.map((order: Listed) => order.id));
        cursor = body.next_cursor ?? undefined;
        pages += 1;
      } while (cursor !== undefined && pages < 100);
      expect(seen).toEqual(expected(shop.all, "ann", role, status, sort));
    },
  );
});

describe("a cursor", () => {
  test.each([
    ["another user", { as: "bob", query: { limit: "2" } }],
    ["another role", { as: "ann", query: { limit: "2", role: "seller" } }],
    ["another status", { as: "ann", query: { limit: "2", status: "paid" } }],
    ["another order", { as: "ann", query: { limit: "2", sort: "created_at" } }],
  ])("does not serve %s", async (_, request) => {
    const { ask } = await market();
    const { body } = await ask("listOrders", { as: "ann", query: { limit: "2" } });
    const answer = await ask("listOrders", {
      ...request,
      query: { ...request.query, cursor: body.next_cursor },
    });
    expect(answer).toMatchObject({ status: 400, body: { code: "cursor_invalid" } });
  });

  test("serves another limit", async () => {
    const { ask } = await market();
    const { body } = await ask("listOrders", { as: "ann", query: { limit: "2" } });
    const next = await ask("listOrders", { as: "ann", query: { limit: "5", cursor: body.next_cursor } });
    expect(next.body.items).toHaveLength(5);
  });

  test("on the last page there is none, even if that page is full", async () => {
    const { ask, place } = orderApi();
    await place();
    await place();
    expect((await ask("listOrders", { query: { limit: "2" } })).body.next_cursor).toBeNull();
  });
});

test("what one sells is listed with the scope `sell` alone", async () => {
  const { ask, place } = orderApi();
  await place();
  const request = { as: "seller", query: { role: "seller" } };
  expect((await ask("listOrders", request)).body.items).toHaveLength(1);
  expect(await ask("listOrders", { ...request, scopes: "refund notify" })).toMatchObject({
    status: 403,
    body: { code: "scope_missing" },
  });
});

test.each(["unknown", "PENDING", ""])("the status %p is refused", async (status) => {
  expect((await orderApi().ask("listOrders", { query: { status } })).status).toBe(422);
});
