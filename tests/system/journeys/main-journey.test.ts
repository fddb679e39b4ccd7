// The journeys of docs/parity.md on the system that `npm start` runs, and what only DEBUG has. Elsewhere by the commands that set TEST_HOST,
// TEST_NACOS_SERVER or TEST_DYNAMODB.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { caughtMails } from "../../support/caught-mails.ts";
import { orderIn, send, shop } from "../../support/shop.ts";
import { type System, startSystem } from "../../support/system.ts";
import { credentialsBy } from "../../support/system-under-test.ts";
import { describeJourneys } from "../parity/journeys.ts";

const SECRET_KEY = "the secret key of the journeys, which is long enough";
const SANDBOX_SECRET = "the secret of the journeys' sandbox";

let system: System;

beforeAll(async () => {
  // An empty setting counts as not set, also where serverless.yml makes names of it.
  system = await startSystem({ env: { SECRET_KEY, SANDBOX_SECRET, DB_NAME: "" } });
});

afterAll(() => system?.cleanUp());

describeJourneys(() => ({
  urls: system.urls,
  pages: system.urls,
  sandboxSecret: SANDBOX_SECRET,
  credentials: credentialsBy(SECRET_KEY),
  mailsTo: (address) => caughtMails(system.mailUrl, address),
}));

test("with DEBUG a header names the user, and the sandbox provider decides when it is told to", async () => {
  const customer = shop(system);
  const order = (await customer.order()).body;
  const payment = (await customer.pay(order.id)).body;
  expect(await customer.simulate(payment.id)).toMatchObject({ status: 202 });
  expect((await orderIn(customer, order.id, "paid")).payment_id).toBe(payment.id);
  expect((await send("GET", `${system.urls.orders}/api/orders/`)).body.items).toEqual([]);
});

test("with DEBUG discovery shows where PaymentService is", async () => {
  const { status, body } = await shop(system).call(
    "GET",
    `${system.urls.orders}/api/orders/discover/payment/`,
  );
  const port = Number(new URL(system.urls.payments).port);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    service: "PaymentService",
    chosen: { port },
    instances: [{ port, healthy: true }],
  });
});
