// One port in front of all services: a whole purchase through it, and instances killed under it at no cost.

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { until } from "../../support/poll.ts";
import { eventCounts, orderIn, send, shop, type Urls } from "../../support/shop.ts";
import { failToStart, type System, startBeside, startSystem } from "../../support/system.ts";

let system: System;
let urls: Urls;

beforeAll(async () => {
  system = await startSystem();
  const { gatewayUrl } = system;
  urls = { orders: gatewayUrl, payments: gatewayUrl, notifications: gatewayUrl };
});

afterAll(() => system?.cleanUp());

test("it is in the table of what runs", () => {
  expect(system.logs()).toMatch(new RegExp(`gateway +${system.gatewayUrl}`));
});

test("a whole purchase goes through it", async () => {
  const customer = shop({ urls });
  const created = await customer.order();
  expect([created.status, created.headers["etag"]]).toEqual([201, '"1"']);
  const order = created.body;
  const payment = (await customer.pay(order.id)).body;
  expect((await customer.simulate(payment.id)).status).toBeLessThan(300);
  await orderIn(customer, order.id, "paid");
  await customer.completeOrder(order.id);
  expect((await customer.refund(payment.id)).status).toBeLessThan(300);
  await orderIn(customer, order.id, "refunded");
  await until(
    "the buyer was notified",
    async () => (await eventCounts(customer, order.id))["order.paid"] === 1,
  );
});

test("who has the present state of an order is not sent it again, by the gateway or the service", async () => {
  const customer = shop({ urls });
  const { headers, body } = await customer.order();
  const known = { "if-none-match": `${headers["etag"]}` };
  for (const base of [urls.orders, system.urls.orders]) {
    const path = `${base}/api/orders/${body.id}/`;
    expect(await customer.call("GET", path, undefined, known)).toMatchObject({
      status: 304,
      headers: { etag: '"1"' },
      body: "",
    });
    expect((await customer.call("PUT", path, { remark: "x" }, known)).status).toBe(412);
  }
});

test("what every service has is there under the service's name, and the gateway's own without one", async () => {
  for (const [key, service] of [
    ["orders", "OrderService"],
    ["payments", "PaymentService"],
    ["notifications", "NotificationService"],
  ]) {
    expect((await send("GET", `${urls.orders}/${key}/health/`)).body.service).toBe(service);
  }
  const { body } = await send("GET", `${urls.orders}/health/`);
  expect(body).toMatchObject({
    service: "gateway",
    status: "ok",
    services: { OrderService: { healthy: 1 } },
  });
  expect((await send("GET", `${urls.orders}/docs/swagger-ui.css`)).status).toBe(200);
});

test("internal routes can not be reached through it", async () => {
  for (const path of ["orders/0192f5b0-7c1e-7a54-9d0b-3c1f5e2a8d47/", "notifications/"]) {
    expect((await send("GET", `${urls.orders}/internal/${path}`)).status).toBe(404);
  }
});

test("an instance killed under load costs no idempotent request", async () => {
  const second = await startBeside(system, ["orders"]);
  try {
    expect(second.logs()).not.toMatch(/gateway +http/);
    const customer = shop({ urls });
    const order = (await customer.order()).body;
    const statuses = { read: new Map<number, number>(), create: new Map<number, number>() };
    const count = (map: Map<number, number>, status: number) => map.set(status, (map.get(status) ?? 0) + 1);
    const created = new Set<string>();
    let going = true;
    const served = () => (second.logs().match(/route=(getOrder|createOrder)/g) ?? []).length;
    const client = async () => {
      while (going) {
        count(statuses.read, (await customer.readOrder(order.id)).status);
        const key = { "idempotency-key": randomUUID() };
        const { status, body } = await customer.order({ customer_name: "x", total_amount: 1 }, key);
        count(statuses.create, status);
        created.add(body.id);
      }
    };
    const clients = Array.from({ length: 8 }, client);
    await until("the second instance serves its share", () => served() > 50);
    await second.kill();
    const before = created.size;
    await until("the first has served for a while alone", () => created.size > before + 100);
    going = false;
    await Promise.all(clients);
    expect([...statuses.read.keys()]).toEqual([200]);
    expect([...statuses.create.keys()]).toEqual([201]);
    // One order for each key, though some were requested twice.
    expect(statuses.create.get(201)).toBe(created.size);
  } finally {
    await second.cleanUp();
  }
});

test("a port in use is one line that names it, and the end", async () => {
  const port = system.env["GATEWAY_PORT"] ?? "";
  const start = await failToStart({ env: { GATEWAY_PORT: port } });
  expect(start.stderr.trimEnd().split("\n")).toEqual([
    expect.stringMatching(
      new RegExp(`^Port ${port} \\(the gateway\\) .*pid ${system.pid} .*GATEWAY_PORT in \\.env`),
    ),
  ]);
  expect(start.code).toBeGreaterThan(0);
  await until("nothing is left running", () => start.pids().length === 0);
});
