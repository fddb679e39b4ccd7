// OWASP API Security Top 10, 2023 edition (https://owasp.org/API-Security/editions/2023/en/0x11-t10/): what each item means
// for this system, as a test. What lies outside of it is said in docs/security.md.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { request } from "undici";
import { serviceFunctions } from "../../../build/functions.ts";
import { services } from "../../../functions/services.ts";
import { openApiDocument } from "../../../lib/contract/openapi.ts";
import { MAX_BODY_BYTES } from "../../../lib/http/event-body.ts";
import { mayBeCalled } from "../../../lib/http/outgoing.ts";
import { prepareEnvironment } from "../../../local/runtime/environment.ts";
import { as, FORGED, newPeople } from "../../support/access/callers.ts";
import { SANDBOX_SECRET, startInProcess } from "../../support/in-process.ts";
import { until } from "../../support/poll.ts";
import {
  type Answer,
  type Headers,
  orderIn,
  providerCallback,
  type Shop,
  send,
  sendCallback,
  shop,
} from "../../support/shop.ts";
import type { SystemUnderTest } from "../../support/system-under-test.ts";

let world: SystemUnderTest;
beforeAll(async () => {
  world = await startInProcess();
});
afterAll(() => world.cleanUp());

const person = async (name: string, more: { email?: string; scope?: string } = {}): Promise<Shop> =>
  shop(world, name, await as(name, more));

/** Buyer, seller and stranger, and an order between the first two. */
async function story() {
  const people = newPeople();
  const buyer = await person(people.buyer, { email: "buyer@example.com" });
  const { body: order } = await buyer.order({
    customer_name: "张三",
    total_amount: 100,
    seller_id: people.seller,
  });
  return {
    people,
    buyer,
    seller: await person(people.seller, { scope: "sell" }),
    stranger: await person(people.stranger),
    order,
  };
}

async function paidStory() {
  const parties = await story();
  const { body: payment } = await parties.buyer.pay(parties.order.id);
  await sendCallback(world, providerCallback(SANDBOX_SECRET, payment));
  await orderIn(parties.buyer, parties.order.id, "paid");
  return { ...parties, payment };
}

const statuses = (answers: readonly Answer[]): number[] => answers.map(({ status }) => status);

test("API1 broken object level authorization: an id that is someone else's opens nothing, nor does their cursor", async () => {
  const { buyer, stranger, order, payment } = await paidStory();
  const answers = await Promise.all([
    stranger.readOrder(order.id),
    stranger.call("PUT", `${world.urls.orders}/api/orders/${order.id}/`, { remark: "mine now" }),
    stranger.cancelOrder(order.id),
    stranger.completeOrder(order.id),
    stranger.deleteOrder(order.id),
    stranger.pay(order.id),
    stranger.readPayment(payment.id),
    stranger.refund(payment.id),
  ]);
  expect(statuses(answers)).toEqual(answers.map(() => 404));
  // The answers are those for an id that nobody has, so they do not reveal that it exists.
  const unknown = await stranger.readOrder("0190a000-0000-7000-8000-00000000dead");
  const { trace_id: _mine, ...problem } = answers[0]?.body ?? {};
  const { trace_id: _other, ...problemOfNone } = unknown.body;
  expect(problem).toEqual(problemOfNone);

  await buyer.order();
  const { next_cursor } = (await buyer.orders("?limit=1")).body;
  expect((await buyer.orders(`?limit=1&cursor=${next_cursor}`)).status).toBe(200);
  expect((await stranger.orders(`?limit=1&cursor=${next_cursor}`)).status).toBe(400);
  expect((await stranger.orders()).body.items).toEqual([]);
});

test("API2 broken authentication: no forged, expired or misplaced token is anyone's", async () => {
  const { people, order } = await story();
  const url = `${world.urls.orders}/api/orders/${order.id}/`;
  for (const forge of Object.values(FORGED)) {
    expect((await send("GET", url, undefined, await forge(people, "OrderService"))).status).toBe(401);
  }
  const { authorization = "" } = await as(people.buyer);
  const misplaced: Headers[] = [
    { cookie: `token=${authorization}` },
    { "x-authorization": authorization },
    { uuid: people.buyer },
  ];
  for (const headers of misplaced) expect((await send("GET", url, undefined, headers)).status).toBe(401);
  expect((await send("GET", `${url}?access_token=${authorization.slice(7)}`)).status).toBe(401);
  expect((await send("GET", url, undefined, { authorization })).status).toBe(200);
});

test("API3 broken object property level authorization: nobody sets or sees a field that is not theirs", async () => {
  const { buyer, order } = await story();
  const own = { customer_name: "张三", total_amount: 1 };
  const stolen = { id: order.id, buyer_id: "x", status: "paid", paid_at: "2026-01-01T00:00:00Z", version: 9 };
  for (const [field, value] of Object.entries(stolen)) {
    expect([field, (await buyer.order({ ...own, [field]: value })).status]).toEqual([field, 422]);
  }
  const put = (body: object) => buyer.call("PUT", `${world.urls.orders}/api/orders/${order.id}/`, body);
  expect((await put({ status: "paid" })).status).toBe(409);
  expect((await put({ buyer_id: "x" })).status).toBe(422);
  const { body: payment } = await buyer.pay(order.id);
  for (const shown of [order, payment]) {
    expect(JSON.stringify(shown)).not.toMatch(/buyer@example|fingerprint|outbox|deleted_at|refused|check_at/);
  }
});

test("API4 unrestricted resource consumption: sizes, pages and numbers have limits that are answered, not crashed into", async () => {
  const { buyer } = await story();
  const line = { product_id: "p", name: "n", unit_price: 1, quantity: 1 };
  const order = (more: object) => buyer.order({ customer_name: "张三", ...more });
  const answers = await Promise.all([
    buyer.orders("?limit=101"),
    order({ items: Array.from({ length: 101 }, () => line) }),
    order({ total_amount: 1e300 }),
    order({ total_amount: 1, remark: "x".repeat(501) }),
    buyer.order({ customer_name: "张三", total_amount: 1 }, { "idempotency-key": "k".repeat(256) }),
    buyer.call("POST", `${world.urls.orders}/api/orders/`, "[".repeat(100_000)),
    buyer.call("POST", `${world.urls.orders}/api/orders/`, `"${"x".repeat(MAX_BODY_BYTES)}"`),
  ]);
  expect(statuses(answers)).toEqual([422, 422, 422, 422, 400, 400, 413]);
});

test("API5 broken function level authorization: what needs a role, a scope or a peer is not done without", async () => {
  const { people, buyer, seller, order, payment } = await paidStory();
  const notify = (from: Shop) =>
    from.call("POST", `${world.urls.notifications}/api/notifications/`, {
      user_id: people.stranger,
      title: "t",
      content: "c",
    });
  const internal = `${world.urls.orders}/internal/orders/${order.id}/`;
  const answers = await Promise.all([
    buyer.call("GET", internal),
    seller.call("POST", `${internal}payment-events/`, {}),
    buyer.refund(payment.id),
    buyer.simulate(payment.id),
    notify(buyer),
    notify(await person(people.buyer, { scope: "notify" })),
    buyer.call("GET", internal, undefined, {
      "x-http-method-override": "DELETE",
      "cfmp-target-service": "OrderService",
    }),
  ]);
  expect(statuses(answers)).toEqual([401, 401, 403, 404, 403, 201, 401]);
  const operator = await person(people.stranger, { scope: "refund" });
  expect((await operator.refund(payment.id, { reason: "by an operator", amount: "1.00" })).status).toBe(201);
});

test("API6 unrestricted access to sensitive business flows: haste wins nothing: one payment, one capture, no more back than came in", async () => {
  const { buyer, seller, order } = await story();
  const tries = await Promise.all(Array.from({ length: 20 }, () => buyer.pay(order.id)));
  expect(tries.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(new Set(statuses(tries))).toEqual(new Set([201, 409]));
  const payment = tries.find(({ status }) => status === 201)?.body;
  const callback = providerCallback(SANDBOX_SECRET, payment);
  await Promise.all(Array.from({ length: 20 }, () => sendCallback(world, callback)));
  await orderIn(buyer, order.id, "paid");
  const refunds = await Promise.all(
    Array.from({ length: 10 }, () => seller.refund(payment.id, { amount: "60.00", reason: "r" })),
  );
  expect(statuses(refunds).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
});

test("API7 server side request forgery: of addresses that requests name, push services and webhooks are called, which must be public", async () => {
  const named: string[] = [];
  for (const { contract } of services) {
    const document = openApiDocument(contract, { version: "0.0.0", debug: true });
    const schemas = JSON.stringify(document.components?.schemas ?? {}) + JSON.stringify(document.paths ?? {});
    for (const [, name = ""] of schemas.matchAll(
      /"([a-z]\w*(?:url|uri|webhook|endpoint|host)\w*|url|uri|webhook|endpoint|host)":\{/g,
    ))
      named.push(name);
    expect(schemas).not.toMatch(/"format":"(uri|hostname|ipv4|ipv6)/);
  }
  // `endpoint` is a browser's push service, `url` a webhook's; `host` and another `url` are of replies of `discover`: what discovery
  // sees, not what a client sends.
  expect([...new Set(named)].sort()).toEqual(["endpoint", "host", "url"]);
  for (const host of [
    "127.0.0.1",
    "[::1]",
    "10.0.0.1",
    "169.254.169.254",
    "2130706433",
    "[::ffff:127.0.0.1]",
  ])
    expect([host, mayBeCalled(new URL(`https://${host}/push`), false)]).toEqual([host, false]);
  expect(mayBeCalled(new URL("http://push.example.org/"), false)).toBe(false);
  const { seller } = await story();
  const webhooks = `${world.urls.notifications}/api/notifications/webhooks/`;
  const register = (url: string) => seller.call("POST", webhooks, { url, events: ["order.paid"] });
  for (const url of [
    "https://127.0.0.1/",
    "https://[::1]/x",
    "https://169.254.169.254/",
    "http://shop.example/",
  ])
    expect([url, (await register(url)).body.code]).toEqual([url, "url_not_allowed"]);
  // A name is resolved when it is called: this one stands for an address of this machine.
  const { body: loopback } = await register(`https://localhost:${new URL(world.urls.orders).port}/hook`);
  const tried = await seller.call("POST", `${webhooks}${loopback.id}/test/`, {});
  expect(tried.body).toMatchObject({ accepted: false, status: null, reason: "address_refused", reply: "" });
});

test("API8 security misconfiguration: safe headers, no inner life in errors, no CORS, and DEBUG on loopback alone", async () => {
  const { buyer, order } = await story();
  const replies = [
    await buyer.readOrder(order.id),
    await buyer.readOrder("no-such-id"),
    await send("GET", `${world.urls.orders}/health/`),
    await send("GET", `${world.urls.orders}/docs/`, undefined, { origin: "https://evil.example" }),
  ];
  for (const { headers } of replies) {
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(Object.keys(headers).filter((name) => /access-control|powered|^server$/.test(name))).toEqual([]);
  }
  expect(replies[0]?.headers["cache-control"]).toBe("no-store");
  expect(replies[3]?.headers["content-security-policy"]).toMatch(
    /default-src 'none'.*frame-ancestors 'none'/,
  );
  expect(JSON.stringify(replies[1]?.body)).not.toMatch(/\.ts|stack|node_modules/);
  expect(() => prepareEnvironment({ DEBUG: "True", HOST: "0.0.0.0" })).toThrow(/loopback/);
  expect(() => prepareEnvironment({ DEBUG: "False", HOST: "127.0.0.1" })).toThrow(/SECRET_KEY/);
  expect(() => prepareEnvironment({ DEBUG: "False", SECRET_KEY: "short" })).toThrow(/SECRET_KEY/);
});

test("API9 improper inventory management: what is served, what is declared and what is documented are the same", async () => {
  for (const service of services) {
    const { key, contract } = service;
    const declared = Object.values(contract.routes).map(({ method, path }) => `${method} ${path}`);
    const served = Object.entries(serviceFunctions(service, "local", true))
      .filter(([name]) => !name.endsWith("-fallback"))
      .flatMap(([, { events }]) => events)
      .flatMap((event) => ("httpApi" in event ? [event.httpApi] : []))
      .map((event) => (typeof event === "string" ? event : `${event.method} ${event.path}`));
    expect(served.sort()).toEqual(declared.sort());
    const path = join(import.meta.dirname, "..", "..", "..", "docs", "openapi", `${key}.json`);
    const documented: { paths: Record<string, object> } = JSON.parse(readFileSync(path, "utf8"));
    const operations = Object.entries(documented.paths).flatMap(([at, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${at}`),
    );
    expect(operations.sort()).toEqual(declared.sort());
  }
  // Without DEBUG the simulator is neither there nor in the document.
  const { body } = await send("GET", `${world.urls.payments}/openapi.json`);
  expect(JSON.stringify(body)).not.toContain("simulate");
});

test("API10 unsafe consumption of APIs: a provider's word is checked, even when it is signed", async () => {
  const { buyer, order } = await story();
  const { body: payment } = await buyer.pay(order.id);
  const raw = (body: string, headers: Headers) =>
    request(`${world.urls.payments}/api/payments/callback/sandbox/`, { method: "POST", body, headers });
  const signedFor = (changes: object) => providerCallback(SANDBOX_SECRET, payment, changes);
  const { body, headers } = signedFor({});
  // Not signed, signed by another, signed but altered.
  expect((await raw(body, {})).statusCode).toBe(401);
  const other = providerCallback("another secret", payment);
  expect((await raw(other.body, other.headers)).statusCode).toBe(401);
  expect((await raw(body.replace("100.00", "0.01"), headers)).statusCode).toBe(401);
  // Signed, but nonsense: kept for a person to look at, since it may be about money; it pays nothing.
  for (const nonsense of [
    { amount: "NaN" },
    { amount: -1 },
    { outcome: "perhaps" },
    { reference: "../../x" },
  ]) {
    const answer = await sendCallback(world, signedFor(nonsense));
    expect([nonsense, answer.status]).toEqual([nonsense, 200]);
    expect((await buyer.readPayment(payment.id)).body.status).toBe("pending");
    expect((await buyer.readOrder(order.id)).body.status).toBe("pending");
  }
  // Signed, sound, and of too little money: taken note of, and refunded.
  expect((await sendCallback(world, signedFor({ amount: "0.01" }))).status).toBe(200);
  const settled = await until("the money goes back", async () => {
    const { body: now } = await buyer.readPayment(payment.id);
    return now.status === "refunded" && now;
  });
  expect(settled.refunds).toMatchObject([{ automatic: true, amount: "0.01", status: "done" }]);
  expect((await buyer.readOrder(order.id)).body.status).toBe("pending");
});
