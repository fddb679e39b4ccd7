// Two instances of every service on one registry and database: balanced, and either may be killed.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { freePorts } from "../support/free-ports.ts";
import { until } from "../support/poll.ts";
import { shop } from "../support/shop.ts";
import { type System, startSystem } from "../support/system.ts";

let first: System;
let second: System;
let secondPort: number;

beforeAll(async () => {
  first = await startSystem();
  [secondPort = 0] = await freePorts(1);
  second = await startSystem({
    beside: first,
    args: ["--service", "payments,orders", "--httpPort", String(secondPort)],
  });
}, 90_000);

afterAll(async () => {
  await second?.cleanUp();
  await first?.cleanUp();
});

/** Instances of OrderService that served calls of PaymentService since `log` was cut. */
const opened = (system: System) => (system.logs().match(/route=openPayment/g) ?? []).length;

test("calls are balanced over both within a second of ready, and none fails when one is killed", async () => {
  const customer = shop(first.urls);
  const orders = await Promise.all(Array.from({ length: 60 }, async () => (await customer.order()).body));
  const statuses: number[] = [];
  for (const order of orders.slice(0, 30)) statuses.push((await customer.pay(order.id)).status);
  await until("both have served calls", () => opened(first) > 0 && opened(second) > 0, 1_000);
  const paying = Promise.all(
    orders.slice(30).map(async (order, index) => {
      if (index === 5) await second.kill();
      return (await customer.pay(order.id)).status;
    }),
  );
  statuses.push(...(await paying));
  expect(statuses).toEqual(Array(60).fill(201));
}, 60_000);
