// Bad input over the real system: a 4xx problem each, nothing written, nothing leaked.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { services } from "../../../functions/services.ts";
import type { Route } from "../../../lib/contract/route.ts";
import { until } from "../../support/poll.ts";
import { type Answer, providerCallback, send, sendCallback, shop } from "../../support/shop.ts";
import { type System, startSystem } from "../../support/system.ts";

const SECRET = "bad-input-secret";
const ABSENT = "01890000-0000-7000-8000-000000000000";

let system: System;

beforeAll(async () => {
  system = await startSystem({ env: { SANDBOX_SECRET: SECRET } });
});

afterAll(() => system?.cleanUp());

function expectProblem(answer: Answer, ...statuses: number[]) {
  expect(statuses).toContain(answer.status);
  expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
  expect(answer.body).toMatchObject({
    status: answer.status,
    code: expect.any(String),
    detail: expect.any(String),
  });
  expect(JSON.stringify(answer.body)).not.toMatch(/\\n\s+at |node_modules|\.ts|stack/);
}

describe("creating an order", () => {
  const body = (changes: object) => JSON.stringify({ customer_name: "a", total_amount: 1, ...changes });
  test.each<[string, string, number]>([
    ["malformed JSON", '{"customer_name":', 400],
    ["an array", "[]", 422],
    ["null", "null", 422],
    ["nothing", "", 422],
    ["a customer that is a number", body({ customer_name: 7 }), 422],
    ["an unknown field", body({ price: 1 }), 422],
    ["an unknown status", body({ status: "shipped" }), 422],
    ["a status it can't begin with", body({ status: "paid" }), 422],
    ["amount 0", body({ total_amount: 0 }), 422],
    ["amount -1", body({ total_amount: -1 }), 422],
    ["amount 1e309", '{"customer_name":"a","total_amount":1e309}', 422],
    ["amount NaN", '{"customer_name":"a","total_amount":NaN}', 400],
    ["amount 0.335", body({ total_amount: 0.335 }), 422],
    ['amount "1,000"', body({ total_amount: "1,000" }), 422],
    ["a total that is not the sum", body({ total_amount: 2, items: [line(1)] }), 422],
    ["no lines", body({ items: [] }), 422],
    ["101 lines", body({ items: Array.from({ length: 101 }, () => line(1)), total_amount: undefined }), 422],
    ["a quantity of 0", body({ items: [{ ...line(1), quantity: 0 }] }), 422],
    ["10 MB", body({ remark: "x".repeat(10 * 1024 * 1024) }), 413],
    ["1 MB", body({ remark: "x".repeat(1024 * 1024) }), 413],
  ])("refuses %s", async (_, sent, status) => {
    const customer = shop(system);
    expectProblem(await customer.call("POST", `${system.urls.orders}/api/orders/`, sent), status);
    expect((await customer.orders()).body.items).toEqual([]);
  });

  test("refuses what is not JSON by its type", async () => {
    const answer = await send("POST", `${system.urls.orders}/api/orders/`, "customer_name=a", {
      "content-type": "application/x-www-form-urlencoded",
    });
    expectProblem(answer, 415);
  });
});

/** 张三 in GBK, as `curl` in a Chinese console of Windows sends it. */
const GBK = Buffer.from([0xd5, 0xc5, 0xc8, 0xfd]);
const inGbk = (name: Buffer) =>
  Buffer.concat([Buffer.from('{"customer_name":"'), name, Buffer.from('","total_amount":"299.99"}')]);

describe("a body that is not UTF-8", () => {
  const routes = services.flatMap(({ key, contract }) =>
    Object.values<Route>(contract.routes)
      .filter(({ method, access }) => method !== "GET" && access !== "service")
      .map(({ method, path }) => ({
        key,
        method,
        path: path.replace(/\{method\}/, "sandbox").replace(/\{\w+\}/, ABSENT),
      })),
  );

  test.each(routes)("is refused by $method $path, and through the gateway", async ({ key, method, path }) => {
    const service = Object.entries(system.urls).find(([name]) => name === key)?.[1];
    for (const url of [service, system.gatewayUrl]) {
      const answer = await shop(system).call(method, `${url}${path}`, inGbk(GBK));
      expectProblem(answer, 400);
      expect(answer.body.code).toBe("body_not_utf8");
    }
  });

  test("is refused whatever its type and framing say", async () => {
    const url = `${system.urls.orders}/api/orders/`;
    for (const type of [
      "application/json; charset=gbk",
      "application/vnd.api+json",
      "application/octet-stream",
    ]) {
      expectProblem(await shop(system).call("POST", url, inGbk(GBK), { "content-type": type }), 400);
    }
    const reply = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: new Blob([inGbk(GBK)]).stream(),
      duplex: "half",
    });
    expect(reply.status).toBe(400);
  });

  test("creates nothing under a key, so that another one is no replay of it", async () => {
    const customer = shop(system);
    const url = `${system.urls.orders}/api/orders/`;
    const key = { "idempotency-key": "k" };
    for (const name of [GBK, Buffer.from([0xc0, 0xee, 0xcb, 0xc4])]) {
      expectProblem(await customer.call("POST", url, inGbk(name), key), 400);
    }
    expect((await customer.orders()).body.items).toEqual([]);
    const sound = await customer.order({ customer_name: "张三", total_amount: "299.99" }, key);
    expect([sound.status, sound.body.customer_name]).toEqual([201, "张三"]);
  });
});

describe("JSON that others might read otherwise", () => {
  test.each([
    ["a key twice", '{"customer_name":"a","total_amount":1,"total_amount":2}', 400],
    [
      "a key twice, once with an escape",
      '{"customer_name":"a","total_amount":1,"total_\\u0061mount":2}',
      400,
    ],
    [
      "a key twice, further in",
      `{"customer_name":"a","items":[{"quantity":1,${JSON.stringify(line(1)).slice(1)}]}`,
      400,
    ],
    ["a prototype", '{"customer_name":"a","total_amount":1,"__proto__":{"status":"paid"}}', 422],
    [
      "a text that is JSON itself",
      JSON.stringify(JSON.stringify({ customer_name: "a", total_amount: 1 })),
      422,
    ],
    ["a hundred levels", `${"[".repeat(100)}${"]".repeat(100)}`, 422],
    ["a byte order mark", '\ufeff{"customer_name":"a","total_amount":1}', 400],
  ])("is refused: %s", async (_, sent, status) => {
    const customer = shop(system);
    expectProblem(await customer.call("POST", `${system.urls.orders}/api/orders/`, sent), status);
    expect((await customer.orders()).body.items).toEqual([]);
  });
});

describe("a text that reads otherwise than it is stored", () => {
  const shipping = { name: "a", phone: "1", address: "b" };
  test.each<[string, (text: string) => object]>([
    ["customer_name", (text) => ({ customer_name: text })],
    ["remark", (text) => ({ remark: text })],
    ["shipping", (text) => ({ shipping: { ...shipping, address: text } })],
    ["items", (text) => ({ total_amount: undefined, items: [{ ...line(1), name: text }] })],
  ])(
    "is refused in %s, be it half a character, a control character or a bidirectional override",
    async (_, field) => {
      const customer = shop(system);
      for (const unreadable of [
        "\\u0000",
        "\\u001b",
        "\\u0085",
        "\\u009b",
        "\\ud83d",
        "\\u202e",
        "\\u2066",
        "\\ufffd",
      ]) {
        const body = JSON.stringify({ customer_name: "a", total_amount: 1, ...field("a?b") });
        expectProblem(
          await customer.call("POST", `${system.urls.orders}/api/orders/`, body.replace("?", unreadable)),
          422,
        );
      }
      expect(
        (await customer.order({ customer_name: "a", total_amount: 1, ...field("مرحبا 🙂") })).status,
      ).toBe(201);
    },
  );
});

test("an id may be written in upper case, in a path and in a body", async () => {
  const customer = shop(system);
  const { id } = (await customer.order()).body;
  const upper = id.toUpperCase();
  expect((await customer.readOrder(upper)).body.id).toBe(id);
  const payment = await customer.pay(upper);
  expect([payment.status, payment.body.order_id]).toEqual([201, id]);
  expect((await customer.readPayment(payment.body.id.toUpperCase())).status).toBe(200);
});

describe("somebody else's things", () => {
  test("are not there: orders, payments and notifications answer 404", async () => {
    const owner = shop(system);
    const stranger = shop(system);
    const order = (await owner.order()).body;
    const payment = (await owner.pay(order.id)).body;
    for (const answer of [
      await stranger.readOrder(order.id),
      await stranger.cancelOrder(order.id),
      await stranger.deleteOrder(order.id),
      await stranger.call("PUT", `${system.urls.orders}/api/orders/${order.id}/`, { remark: "mine" }),
      await stranger.pay(order.id),
      await stranger.readPayment(payment.id),
      await stranger.refund(payment.id),
      await stranger.simulate(payment.id),
      await stranger.readOrder(ABSENT),
    ]) {
      expectProblem(answer, 404);
    }
    expect((await owner.readOrder(order.id)).body).toMatchObject({ status: "pending", remark: "" });
  });

  test("can't be listed with their cursor", async () => {
    const owner = shop(system);
    for (let count = 0; count < 3; count += 1) await owner.order();
    const { next_cursor } = (await owner.orders("?limit=1")).body;
    expect((await owner.orders(`?limit=1&cursor=${next_cursor}`)).body.items).toHaveLength(1);
    expectProblem(await shop(system).orders(`?limit=1&cursor=${next_cursor}`), 400);
    expectProblem(await owner.orders(`?limit=1&sort=created_at&cursor=${next_cursor}`), 400);
    expectProblem(await owner.orders("?cursor=made-up"), 400);
  });
});

describe("paths and queries", () => {
  test.each([
    ["GET", "/api/orders/not-a-uuid/", 404],
    ["GET", "/api/orders/%E0%A4%A/", 400],
    ["GET", "/nowhere", 404],
    ["PATCH", "/api/orders/", 405],
    ["GET", "/api/orders/?limit=0", 422],
    ["GET", "/api/orders/?limit=ten", 422],
    ["GET", "/api/orders/?status=shipped", 422],
    ["GET", `/internal/orders/${ABSENT}/`, 401],
  ] as const)("%s %s is refused with %i", async (method, path, status) => {
    expectProblem(await shop(system).call(method, `${system.urls.orders}${path}`), status);
  });

  test("a host name that is not ours is refused", async () => {
    expectProblem(
      await send("GET", `${system.urls.orders}/api/orders/`, undefined, { host: "evil.example" }),
      400,
    );
  });
});

describe("a callback", () => {
  test("that is forged, altered or unsigned has no effect", async () => {
    const customer = shop(system);
    const order = (await customer.order()).body;
    const payment = (await customer.pay(order.id)).body;
    const good = providerCallback(SECRET, payment);
    expectProblem(await sendCallback(system, providerCallback("not the secret", payment)), 401);
    expectProblem(await sendCallback(system, { ...good, headers: {} }), 401);
    expectProblem(await sendCallback(system, { ...good, body: good.body.replace("299.99", "0.01") }), 401);
    expect((await customer.readPayment(payment.id)).body.status).toBe("pending");
    expect((await customer.readOrder(order.id)).body.status).toBe("pending");
  });

  test("that is signed, but malformed or about nothing here, is kept for a person, and pays nothing", async () => {
    const customer = shop(system);
    const order = (await customer.order()).body;
    const payment = (await customer.pay(order.id)).body;
    const parked = async () => (await send("GET", `${system.urls.payments}/health/`)).body.outbox?.parked;
    expect(await parked()).toBe(0);
    const unknown = { ...payment, checkout: { reference: "00000000000000000000000000000000" } };
    for (const kept of [
      providerCallback(SECRET, payment, { amount: "1,000" }),
      providerCallback(SECRET, unknown),
    ]) {
      expect((await sendCallback(system, kept)).status).toBe(200);
    }
    await until("health counts both", async () => (await parked()) === 2);
    expect((await customer.readPayment(payment.id)).body.status).toBe("pending");
    expect((await customer.readOrder(order.id)).body.status).toBe("pending");
  });

  test("for another amount never pays the order", async () => {
    const customer = shop(system);
    const order = (await customer.order({ customer_name: "a", total_amount: "100.00" })).body;
    const payment = (await customer.pay(order.id)).body;
    expect((await sendCallback(system, providerCallback(SECRET, payment, { amount: "0.01" }))).status).toBe(
      200,
    );
    expect((await customer.readOrder(order.id)).body.status).toBe("pending");
  });
});

function line(unit_price: number) {
  return { product_id: "p", name: "thing", unit_price, quantity: 1 };
}
