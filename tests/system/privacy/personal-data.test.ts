// What the deployed handlers store, held against the declarations of personal data; and its erasure, broken off anywhere.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { connectionRecords } from "../../../functions/notifications/live/connection-records.ts";
import { createFeed } from "../../../functions/notifications/live/feed.ts";
import {
  deliveriesStore,
  messageDone,
  noDeliveries,
} from "../../../functions/notifications/webhooks/deliveries.ts";
import { deliveryLog } from "../../../functions/notifications/webhooks/delivery-log.ts";
import { orderStore } from "../../../functions/orders/order-store.ts";
import { paymentStore } from "../../../functions/payments/payment-store.ts";
import { unmatchedStore } from "../../../functions/payments/unmatched-store.ts";
import { services } from "../../../functions/services.ts";
import { undeclaredIn } from "../../../lib/privacy/fields.ts";
import { type PersonalRecords, pseudonym } from "../../../lib/privacy/records.ts";
import type { DynamoClient } from "../../../lib/storage/dynamo-client.ts";
import { dynamoTable } from "../../../lib/storage/dynamo-table.ts";
import { type PersonAccess, personAccess } from "../../../tools/person/access.ts";
import { erasePerson } from "../../../tools/person/erase.ts";
import { searchPerson } from "../../../tools/person/search.ts";
import { allPersonalData } from "../../../tools/personal-data.ts";
import { clientOf } from "../../support/dynamo.ts";
import { type InProcess, startInProcess } from "../../support/in-process.ts";
import { until } from "../../support/poll.ts";
import { type Life, live } from "./life.ts";

/** Attributes of every aggregate's item. */
const OWN = ["id", "version", "schema_version", "doc", "expires_on", "due_shard", "due_at"];

let system: InProcess;
let client: DynamoClient;
let access: PersonAccess;
let rows: readonly PersonalRecords[];
beforeAll(async () => {
  system = await startInProcess();
  const url = `http://${process.env["DB_HOST"]}:${process.env["DB_PORT"]}`;
  client = clientOf(url, true);
  access = personAccess(client, "test", (name) => dynamoTable(client, `test-${name}`));
  rows = await allPersonalData(access);
});
afterAll(async () => {
  await client.close();
  await system.cleanUp();
});

const table = (name: string) => access.table(name);

/** A life with the records that this system has no network for. */
async function wholeLife(): Promise<Life> {
  const feed = createFeed(table("notifications"), {
    now: Date.now,
    monotonic: () => performance.now(),
    pause: async () => {},
  });
  const life = await live(system);
  await feed.open(life.user);
  const endpoint = {
    url: `http://${process.env["DB_HOST"]}:${process.env["DB_PORT"]}`,
    region: "us-east-1",
    accessKeyId: "local",
    secretAccessKey: "local",
  };
  const connection = {
    id: `connection-${life.user}`,
    user_id: life.user,
    endpoint: "http://127.0.0.1:1",
    instance: "i",
    locale: "en" as const,
    opened_on: 1_900_000_000,
    expires_on: 2_000_000_000,
  };
  await connectionRecords(client, endpoint, "test-connections").add(connection, 20);
  await webhookTold(life);
  await nothingUnfinished(life.user);
  return life;
}

/** As after a message that was accepted. */
async function webhookTold({ webhook, sold, user }: Life): Promise<void> {
  const now = Date.now();
  const at = new Date(now).toISOString();
  const message = {
    id: `message-${user}`,
    order_id: sold.orderId,
    type: "order.paid" as const,
    timestamp: at,
    data: {},
  };
  const attempt = { message, at, duration_ms: 3, status: 200, reason: null, reply: "" };
  await deliveryLog(client, "test-webhooks").add(webhook.id, attempt);
  const deliveries = noDeliveries(webhook.id, sold.orderId, now);
  await deliveriesStore(table("deliveries")).create(messageDone(message.id, now)(deliveries));
}

const nothingUnfinished = (user: string) =>
  until("everything is delivered", async () => {
    const { found } = await searchPerson(access, rows, user);
    return found.every(({ unfinished }) => unfinished.length === 0) && found;
  });

/** The text of every item of every table. */
async function everything(): Promise<string> {
  const texts: string[] = [];
  for (const { name } of services.flatMap(({ tables }) => tables))
    for await (const page of access.items(name)) texts.push(...page.map((item) => item.text));
  return texts.join("\n");
}

const traced = (text: string, traces: readonly string[]) => traces.filter((trace) => text.includes(trace));

describe("the declarations of personal data", () => {
  test("name every table", () => {
    const tables = services.flatMap((service) => service.tables.map(({ name }) => name));
    expect([...new Set(rows.map((row) => row.table))].sort()).toEqual(tables.sort());
  });

  test("name every field and attribute of every item that a life leaves in the tables", async () => {
    await wholeLife();
    const undeclared: string[] = [];
    const seen = new Set<string>();
    for (const { name } of services.flatMap(({ tables }) => tables)) {
      for await (const page of access.items(name)) {
        for (const { key } of page) {
          const of = rows.filter((row) => row.table === name && row.has(key));
          expect({ key, kinds: of.length }).toEqual({ key, kinds: 1 });
          const [row] = of;
          seen.add(row?.name ?? "");
          const attributes = Object.keys((await access.record(name, key)) ?? {});
          const isAggregate = attributes.includes("doc");
          const unknown = attributes.filter((one) => ![...OWN, ...(row?.attributes ?? [])].includes(one));
          const read = await row?.read(key);
          undeclared.push(
            ...(isAggregate ? unknown : []).map((one) => `${row?.name}: ${one}`),
            ...undeclaredIn(read, row?.fields ?? {}).map((one) => `${row?.name}: ${one}`),
          );
        }
      }
    }
    expect(undeclared).toEqual([]);
    // Charges and reports of money come from a provider alone: here it is played by the test.
    const missing = rows.filter((row) => !seen.has(row.name)).map((row) => row.name);
    expect(missing.filter((name) => !/charges|unmatched|attempts|deliveries/.test(name))).toEqual([]);
  });

  test("a field that is not declared is found", () => {
    const orders = rows.find((row) => row.name === "orders");
    const odd = {
      id: "x",
      nick: "ann",
      lines: [{ name: "n", engraving: "for ann" }],
      payment: { id: "p", by: "ann" },
    };
    expect(undeclaredIn(odd, orders?.fields ?? {})).toEqual(["nick", "lines[].engraving", "payment.by"]);
  });
});

describe("what is held about a person", () => {
  test("has all that they wrote, deleted things included, and nothing that belongs to the other party alone", async () => {
    const { user, traces, othersTraces } = await wholeLife();
    const { found, elsewhere } = await searchPerson(access, rows, user);
    const text = JSON.stringify(found.map(({ data }) => data));
    expect(traced(text, traces)).toEqual(traces);
    expect(traced(text, othersTraces)).toEqual([]);
    expect(elsewhere).toEqual([]);
    expect(new Set(found.map(({ records }) => records.name))).toEqual(
      new Set([
        "orders",
        "payments",
        "notifications",
        "preferences, and up to when all is read",
        "feeds of live notifications",
        "contacts",
        "live connections",
        "lists of live connections",
        "Web Push subscriptions",
        "lists of Web Push subscriptions",
        "webhooks",
        "lists of webhooks",
        "attempts to reach a webhook",
        "numbers of attempts to reach a webhook",
        "deliveries to webhooks",
      ]),
    );
  });
});

describe("erasing a person", () => {
  test("leaves no trace of them in any item, all of the other party's, and the money", async () => {
    const { user, traces, othersTraces, webhook, bought, sold, other, person } = await wholeLife();
    const before = await paymentStore(table("payments")).read(bought.paymentId);
    const done = await erasePerson(access, rows, user, { dry: false, now: Date.now });
    expect(done).toMatchObject({ unfinished: [], elsewhere: [] });
    expect(done.erased).toBeGreaterThan(15);
    const text = await everything();
    expect(traced(text, [...traces, webhook.id])).toEqual([]);
    expect(traced(text, othersTraces)).toEqual(othersTraces);

    const order = await orderStore(table("orders")).read(bought.orderId);
    const payment = await paymentStore(table("payments")).read(bought.paymentId);
    const buyer = pseudonym(bought.orderId, "buyer");
    expect(order).toMatchObject({ buyer_id: buyer, status: "completed", total: 6_000, shipping: null });
    expect(payment).toMatchObject({ user_id: buyer, seller_id: other.user });
    expect(payment?.refunds[0]).toMatchObject({ amount: 3_000, status: "done" });
    expect(payment?.attempts[0]?.transaction_id).toBe(before?.attempts[0]?.transaction_id);
    expect(payment?.history.map(({ note }) => note)).toEqual([
      "attempt 1 begun",
      "captured",
      "refund of 30.00 requested",
      "refund of 30.00 done",
    ]);
    // The other party still has their orders, and the person none.
    expect((await other.readOrder(bought.orderId)).body).toMatchObject({ customer_name: "erased" });
    expect((await other.readOrder(sold.orderId)).body).toMatchObject({ status: "completed" });
    expect((await person.readOrder(bought.orderId)).status).toBe(404);
    expect((await person.readPayment(sold.paymentId)).status).toBe(404);
    expect((await person.orders()).body.items).toEqual([]);
    expect(await person.notifications()).toEqual([]);
    // Nothing is left to do.
    expect(await erasePerson(access, rows, user, { dry: false, now: Date.now })).toMatchObject({
      found: [],
      erased: 0,
    });
  });

  test("broken off after any record is completed by a repetition, and gives the same", async () => {
    const { user, traces, bought } = await wholeLife();
    let broken = 0;
    for (;;) {
      const breakOff = () => {
        broken += 1;
        throw new Error("killed");
      };
      const { found } = await searchPerson(access, rows, user);
      if (found.length === 0) break;
      await expect(
        erasePerson(access, rows, user, { dry: false, now: Date.now, onErased: breakOff }),
      ).rejects.toThrow("killed");
    }
    expect(broken).toBeGreaterThan(15);
    expect(traced(await everything(), traces)).toEqual([]);
    const order = await orderStore(table("orders")).read(bought.orderId);
    const payment = await paymentStore(table("payments")).read(bought.paymentId);
    expect(order?.buyer_id).toBe(payment?.user_id);
    expect(order?.history.filter(({ note }) => note === "erased")).toHaveLength(1);
  });

  test("in a dry run changes nothing", async () => {
    const { user } = await wholeLife();
    const before = await everything();
    const done = await erasePerson(access, rows, user, { dry: true, now: Date.now });
    expect(done.found.length).toBeGreaterThan(15);
    expect(done.erased).toBe(0);
    expect(await everything()).toBe(before);
  });

  test("waits for money that is not finished, says what, and changes nothing until then", async () => {
    const { user, person, other, sold } = await wholeLife();
    const { body: order } = await person.order();
    const { body: payment } = await person.pay(order.id);
    const reports = unmatchedStore(table("unmatched"));
    const reported = {
      reference: payment.checkout.reference,
      transaction_id: "t-odd",
      amount: "x",
      currency: "CNY",
    };
    const text = `payer=${user}`;
    await reports.keep({ method: "sandbox", kind: "capture", reason: "odd", reported, text }, Date.now(), {
      error: () => {},
    });
    const refused = async () => {
      const { unfinished, erased } = await erasePerson(access, rows, user, { dry: false, now: Date.now });
      expect(erased).toBe(0);
      return unfinished.join("\n");
    };
    expect(await refused()).toContain(`The order ${order.id} is not paid`);
    expect(await refused()).toContain(`The payment ${payment.id} is being paid`);
    expect(await refused()).toContain("reported money");
    expect((await person.readOrder(order.id)).status).toBe(200);
    expect((await other.readOrder(sold.orderId)).body.seller_id).toBe(user);

    await person.cancelPayment(payment.id);
    await person.cancelOrder(order.id);
    const { found } = await searchPerson(access, rows, user);
    const report = found.find(({ records }) => records.table === "unmatched");
    await reports.change(report?.key ?? "", (state) => ({ ...state, settled_at: new Date().toISOString() }));
    await nothingUnfinished(user);
    const done = await erasePerson(access, rows, user, { dry: false, now: Date.now });
    expect(done.unfinished).toEqual([]);
    expect((await reports.read(report?.key ?? ""))?.excerpt).toBeNull();
  });

  test("beside a command of the other party loses neither", async () => {
    const { user, person, other, sold, traces } = await wholeLife();
    // Between the search and the erasure of the payment its seller, who is to be erased, gives more money back.
    let begun = false;
    const late = rows.map((row): PersonalRecords => {
      if (row.name !== "payments") return row;
      return {
        ...row,
        async erase(key, whom, now) {
          if (!begun) {
            begun = true;
            const given = await person.refund(sold.paymentId, { amount: "5.00", reason: "more" });
            expect(given.status).toBe(201);
          }
          return row.erase(key, whom, now);
        },
      };
    });
    await erasePerson(access, late, user, { dry: false, now: Date.now });
    expect(begun).toBe(true);
    await until("the refund is done", async () => {
      const { body } = await other.readPayment(sold.paymentId);
      return body.refunded_amount === "15.00";
    });
    await nothingUnfinished(user);
    const done = await erasePerson(access, rows, user, { dry: false, now: Date.now });
    expect(done.unfinished).toEqual([]);
    expect(traced(await everything(), traces)).toEqual([]);
  });
});
