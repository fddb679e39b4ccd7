// Two instances of every service on one registry and database: balanced, and either may be killed.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { until } from "../../support/poll.ts";
import { RecordedAttempts } from "../../support/recorded-attempts.ts";
import { shop } from "../../support/shop.ts";
import { type System, startBeside, startSystem } from "../../support/system.ts";

let first: System;
let second: System;
const recorded = new RecordedAttempts();

beforeAll(async () => {
  first = await startSystem({ env: recorded.env });
  second = await startSecond();
});

afterAll(async () => {
  await second?.cleanUp();
  await first?.cleanUp();
  recorded.remove();
});

/** OrderService and PaymentService once more, on ports of their own. */
const startSecond = () => startBeside(first, ["orders", "payments"]);

/** How many calls of PaymentService the OrderService of `system` has served. */
const opened = (system: System) => (system.logs().match(/route=grantPaymentLease/g) ?? []).length;

/** Pays 30 orders at once through `system`, which requests each lease from OrderService, and kills `victim` meanwhile; the statuses, and the log's line about it if not 201. */
async function payWhileKilling(system: System, victim: System): Promise<readonly (number | string)[]> {
  const customer = shop(system);
  const orders = await Promise.all(Array.from({ length: 30 }, async () => (await customer.order()).body));
  return Promise.all(
    orders.map(async (order, index) => {
      if (index === 5) await victim.kill();
      const { status, body } = await customer.pay(order.id);
      if (status === 201) return status;
      const line = system
        .logs()
        .split("\n")
        .findLast((text) => text.includes(body.code));
      return `${status} ${body.code}: ${line ?? body.detail}`;
    }),
  );
}

test("calls of a process to itself use no connection, those to the other do", async () => {
  const customer = shop(first);
  const own = Object.values(first.urls);
  const made = () => recorded.all().filter(({ caller }) => caller === String(first.pid));
  const others = () => made().filter(({ origin }) => !own.includes(origin));
  const served = opened(first);
  await until("both have served calls of the first", async () => {
    expect((await customer.pay((await customer.order()).body.id)).status).toBe(201);
    return opened(first) > served && others().length > 0;
  });
  expect(others().map(({ path }) => path)).toEqual(
    others().map(() => expect.stringMatching(/^\/internal\//)),
  );
  expect(made().filter(({ origin }) => own.includes(origin))).toEqual([]);
});

test("calls are balanced over both, and none fails when one is killed", async () => {
  const customer = shop(first);
  const both = async () => {
    expect((await customer.pay((await customer.order()).body.id)).status).toBe(201);
    return opened(first) > 0 && opened(second) > 0;
  };
  await until("both have served calls", both);
  expect(await payWhileKilling(first, second)).toEqual(Array(30).fill(201));
});

test("nor when the first is killed, which started database and registry: they are everyone's", async () => {
  await second.cleanUp();
  second = await startSecond();
  const customer = shop(second);
  const served = opened(first);
  await until("the second's calls reach both", async () => {
    await customer.pay((await customer.order()).body.id);
    return opened(first) > served && opened(second) > 0;
  });
  expect(await payWhileKilling(second, first)).toEqual(Array(30).fill(201));
  expect((await customer.pay((await customer.order()).body.id)).status).toBe(201);
});
