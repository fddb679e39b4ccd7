import { describe, expect, test } from "@jest/globals";
import type { Table } from "../../../lib/storage/table.ts";
import { countingTable } from "../../../tests/support/counting-table.ts";
import { memoryTable } from "../../../tests/support/memory-table.ts";
import { until } from "../../../tests/support/poll.ts";
import { shortPages } from "../../../tests/support/short-pages.ts";
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
      coverage: {
        pending: { orders: 1, complete: true },
        paid: { orders: 2, complete: true },
        completed: { orders: 0, complete: true },
        cancelled: { orders: 0, complete: true },
        refunded: { orders: 0, complete: true },
      },
    });
    const { body: selling } = await ask("orderStats", { as: "seller", query: { role: "seller" } });
    expect(selling.by_status.pending.CNY.count).toBe(1);
  });

  test("of what one sells need the scope `sell`", async () => {
    const request = { as: "seller", query: { role: "seller" }, scopes: "" };
    expect(await orderApi().ask("orderStats", request)).toMatchObject({
      status: 403,
      body: { code: "scope_missing" },
    });
  });

  test("say so when there are more than they count", async () => {
    const { ask, place } = orderApi();
    for (let at = 0; at < 1_001; at += 1) await place({ total_amount: 1 });
    const { body } = await ask("orderStats");
    expect(body.by_status.pending.CNY).toEqual({ count: 1_000, total_amount: "1000.00", capped: true });
    expect(body.coverage).toMatchObject({
      pending: { orders: 1_000, complete: false },
      paid: { orders: 0, complete: true },
    });
  });
});

describe("the work of stats is bounded", () => {
  test("large orders: so many pages are read, of each status by turns, and the answer says what it covers", async () => {
    const operations: string[] = [];
    const { ask, place, pay } = orderApi(countingTable(shortPages(memoryTable(), 2), operations));
    for (let at = 0; at < 4; at += 1) await pay(await place({ currency: "USD" }));
    for (let at = 0; at < 60; at += 1) await place({ total_amount: 1 });
    operations.length = 0;
    const { body } = await ask("orderStats");
    expect(operations).toEqual(Array.from({ length: 16 }, () => "query"));
    // Three statuses have one page each and paid has two; the others are for pending.
    expect(body.coverage.paid).toEqual({ orders: 4, complete: true });
    expect(body.coverage.pending).toEqual({ orders: 22, complete: false });
    expect(body.by_status.paid.USD).toEqual({ count: 4, total_amount: "400.00", capped: false });
    expect(body.by_status.pending.CNY).toEqual({ count: 22, total_amount: "22.00", capped: true });
  });

  test("documents of orders are not read", async () => {
    const table = memoryTable();
    const blind: Table = { ...table, query: () => Promise.reject(new Error("a document was read")) };
    const { ask, place } = orderApi(blind);
    await place();
    expect((await ask("orderStats")).body.by_status.pending.CNY.count).toBe(1);
  });

  test("but of orders that were stored without their currency in the index they are, and count as read", async () => {
    const operations: string[] = [];
    const table = memoryTable();
    const before: Table = {
      ...table,
      put: (item, replaces) => {
        const { currency: _, ...index } = item.index;
        return table.put({ ...item, index }, replaces);
      },
    };
    const { ask, place } = orderApi(countingTable(before, operations));
    await place({ currency: "EUR", total_amount: 12.5 });
    operations.length = 0;
    const { body } = await ask("orderStats");
    expect(body.by_status.pending).toEqual({ EUR: { count: 1, total_amount: "12.50", capped: false } });
    expect(operations).toHaveLength(6);
  });

  test("an order that moves on meanwhile counts once", async () => {
    const table = memoryTable();
    const api = orderApi({
      ...table,
      async queryEntries(query, names) {
        const page = await table.queryEntries(query, names);
        if (query.hash === "buyer#pending") await api.pay(id);
        return page;
      },
    });
    const id = await api.place();
    const { by_status, coverage } = (await api.ask("orderStats")).body;
    expect([by_status.pending, by_status.paid.CNY.count]).toEqual([{}, 1]);
    expect(coverage.pending).toEqual({ orders: 0, complete: true });
  });
});

describe("one user's stats at a time", () => {
  /** A table whose index can be held up. */
  function heldUp() {
    const table = memoryTable();
    const gate = Promise.withResolvers<void>();
    const queried: string[] = [];
    const held: Table = {
      ...table,
      async queryEntries(query, names) {
        queried.push(query.hash);
        await Promise.race([gate.promise, aborted(query.signal)]);
        return table.queryEntries(query, names);
      },
    };
    return { table: held, queried, open: () => gate.resolve() };
  }

  const aborted = (signal: AbortSignal | undefined) =>
    new Promise<never>((_, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
    });

  test("requests at the same time share one computation; others are computed beside it", async () => {
    const { table, queried, open } = heldUp();
    const { ask, place } = orderApi(table);
    await place();
    const first = ask("orderStats");
    await until("it is under way", () => queried.length > 0);
    const later = Array.from({ length: 20 }, () => ask("orderStats"));
    const others = ask("orderStats", { as: "somebody-else" });
    await until("both are under way", () => queried.length > 1);
    // What was done before the later requests shows in their replies.
    await place();
    open();
    expect((await first).status).toBe(200);
    for (const { body } of await Promise.all(later)) expect(body.by_status.pending.CNY.count).toBe(2);
    expect((await others).status).toBe(200);
    expect(queried.filter((hash) => hash === "buyer#pending")).toHaveLength(2);
    expect(queried.filter((hash) => hash === "somebody-else#pending")).toHaveLength(1);
  });

  test("of all users two are computed at once, and the others one after another", async () => {
    const { table, queried, open } = heldUp();
    const { ask } = orderApi(table);
    const users = ["a", "b", "c", "d"];
    const asked = users.map((as) => ask("orderStats", { as }));
    const gaveUp = await ask("orderStats", { as: "e", headers: { "cfmp-timeout": "50" } });
    expect([gaveUp.status, gaveUp.body.code]).toEqual([503, "deadline_exceeded"]);
    expect(queried.toSorted()).toEqual(["a#pending", "b#pending"]);
    open();
    for (const { status } of await Promise.all(asked)) expect(status).toBe(200);
    expect(new Set(queried.map((hash) => hash.split("#")[0]))).toEqual(new Set(users));
  });

  test("reading ends at the deadline of its requests", async () => {
    const { table, queried, open } = heldUp();
    const { ask } = orderApi(table);
    const { status, body } = await ask("orderStats", { headers: { "cfmp-timeout": "50" } });
    expect([status, body.code]).toEqual([503, "deadline_exceeded"]);
    open();
    expect((await ask("orderStats")).status).toBe(200);
    // One query of the first, five of the second.
    expect(queried).toHaveLength(6);
  });
});
