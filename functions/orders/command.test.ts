import { describe, expect, test } from "@jest/globals";
import { type Ask, orderApi } from "./test-api.ts";
import { MINUTE, NOW } from "./test-orders.ts";

const iso = (time: number) => new Date(time).toISOString();
const refusal = (status: number, code: string) => ({ status, body: { code } });
const attempt = (id: string) => ({
  params: { id },
  body: { payment_id: id, user_id: "buyer", live_until: iso(NOW + 15 * MINUTE) },
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
    const request: Ask = { params: { id: await place() }, as: "seller", body: {} };
    expect((await ask(route, request)).status).toBe(status);
  });

  test.each(attempts)("%s by who is named as seller and may not sell finds no order", async (route) => {
    const { ask, place } = orderApi();
    const request: Ask = { params: { id: await place() }, as: "seller", scopes: "notify", body: {} };
    expect(await ask(route, request)).toMatchObject(refusal(404, "not_found"));
  });

  test.each(attempts)("%s by a stranger finds no order, whatever If-Match says", async (route) => {
    const { ask, place } = orderApi();
    const request: Ask = { params: { id: await place() }, as: "stranger", body: {}, ifMatch: '"9"' };
    expect(await ask(route, request)).toMatchObject(refusal(404, "not_found"));
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

  test("goes on with a list that has the present revision, and never with weak or foreign tags", async () => {
    const { ask, place } = orderApi();
    const id = await place();
    const edit = async (ifMatch: string) =>
      (await ask("updateOrder", { params: { id }, body: { remark: ifMatch }, ifMatch })).status;
    expect(await edit('"0", "1"')).toBe(200);
    expect(await edit('W/"2"')).toBe(412);
    expect(await edit('"abc"')).toBe(412);
    expect(await edit('W/"2", "7"')).toBe(412);
    expect(await edit('"7", "2"')).toBe(200);
  });

  test.each(["cancelOrder", "completeOrder", "deleteOrder", "updateOrder"] as const)(
    "is honoured by %s",
    async (route) => {
      const { ask, place } = orderApi();
      const request: Ask = { params: { id: await place() }, body: {}, ifMatch: '"7"' };
      expect(await ask(route, request)).toMatchObject(refusal(412, "revision_stale"));
    },
  );

  test("internal bookkeeping does not change what it is compared with", async () => {
    const { ask, place } = orderApi();
    const id = await place();
    await ask("grantPaymentLease", attempt(id));
    const { headers } = await ask("getOrder", { params: { id } });
    const later = { ...attempt(id).body, live_until: iso(NOW + 20 * MINUTE) };
    await ask("grantPaymentLease", { params: { id }, body: later });
    expect((await ask("getOrder", { params: { id } })).headers["etag"]).toBe(headers["etag"]);
  });
});

describe("If-None-Match", () => {
  const read = async (headers: Record<string, string>, revise = false) => {
    const { ask, place } = orderApi();
    const id = await place();
    if (revise) await ask("updateOrder", { params: { id }, body: { remark: "another" } });
    return ask("getOrder", { params: { id }, headers });
  };

  test.each(['"1"', 'W/"1"', '"0", "1"', "*"])("%s: who reads what they have gets 304", async (tags) => {
    const { status, headers, body } = await read({ "if-none-match": tags });
    expect([status, headers["etag"], body]).toEqual([304, '"1"', ""]);
  });

  test("who reads what has changed gets it", async () => {
    const { status, body } = await read({ "if-none-match": '"1"' }, true);
    expect([status, body.remark]).toEqual([200, "another"]);
  });

  test("who reads on condition that nothing has changed is refused when it has", async () => {
    expect((await read({ "if-match": '"1"' })).status).toBe(200);
    expect(await read({ "if-match": '"1"' }, true)).toMatchObject(refusal(412, "revision_stale"));
  });

  test("a stranger learns nothing by it", async () => {
    const { ask, place } = orderApi();
    const headers = { "if-none-match": "*" };
    const request: Ask = { params: { id: await place() }, as: "stranger", headers };
    expect(await ask("getOrder", request)).toMatchObject(refusal(404, "not_found"));
  });

  test.each(["*", '"1"'])("%s: no change of what is there", async (tags) => {
    const { ask, place } = orderApi();
    const id = await place();
    const request: Ask = { params: { id }, body: { remark: "x" }, headers: { "if-none-match": tags } };
    expect(await ask("updateOrder", request)).toMatchObject(refusal(412, "revision_stale"));
    const { body } = await ask("getOrder", { params: { id } });
    expect([body.version, body.remark]).toEqual([1, ""]);
  });
});

test("what was stored with characters that nobody sees as they are is shown without them", async () => {
  const { ask, place, service } = orderApi();
  const id = await place();
  await service.store.change(id, (order) => ({ ...order, customer_name: "a\u202eb", remark: "\u009b2J" }));
  for (const route of ["getOrder", "cancelOrder"] as const) {
    const { body } = await ask(route, { params: { id }, ...(route === "getOrder" ? {} : { body: {} }) });
    expect([body.customer_name, body.remark]).toEqual(["a\uFFFDb", "\uFFFD2J"]);
  }
});

test("of cancelling, paying and completing at once one comes first, and the result is consistent", async () => {
  for (let round = 0; round < 20; round += 1) {
    const { ask, place, pay } = orderApi();
    const id = await place();
    const [cancelled] = await Promise.all([ask("cancelOrder", { params: { id }, body: {} }), pay(id)]);
    const { body } = await ask("getOrder", { params: { id } });
    expect(body.status).toBe(cancelled.status === 200 ? "cancelled" : "paid");
    expect(body.paid_at === null).toBe(body.status === "cancelled");
  }
});
