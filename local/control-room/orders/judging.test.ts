import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Notification } from "../../../functions/notifications/notification.ts";
import { notificationStore } from "../../../functions/notifications/notification-store.ts";
import { orderStore } from "../../../functions/orders/order-store.ts";
import { NOW, newOrder } from "../../../functions/orders/test-orders.ts";
import { derivedId } from "../../../lib/core/ids.ts";
import { createDynamoClient } from "../../../lib/storage/dynamo-client.ts";
import { dynamoTable } from "../../../lib/storage/dynamo-table.ts";
import type { Table } from "../../../lib/storage/table.ts";
import { until } from "../../../tests/support/poll.ts";
import { systemTables } from "../../../tests/support/system-tables.ts";
import { paymentOf } from "../../../tools/promises/subject.ts";
import { testNotice } from "../../../tools/promises/test-notice.ts";
import { type Database, startDatabase } from "../../database/server.ts";
import { createTables } from "../../runtime/create-tables.ts";
import { History } from "../history.ts";
import { type Judging, startJudging } from "./judging.ts";
import { OrderRecords } from "./order-records.ts";
import { RecentOrders } from "./recent-orders.ts";
import { UnfollowedOrders } from "./unfollowed-orders.ts";

const ORDER = newOrder();
const PARTIES = [ORDER.buyer_id, ORDER.seller_id ?? ""];

let folder: string;
let database: Database;
let history: History;
let records: OrderRecords;
let unfollowed: UnfollowedOrders;
let judging: Judging | undefined;
let table: (name: string) => Table;
let close: () => Promise<void>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-judging-"));
  database = await startDatabase({ host: "127.0.0.1", port: 0, log: () => {} });
  const keys = { region: "us-east-1", accessKeyId: "local", secretAccessKey: "local" };
  const client = createDynamoClient({ url: `http://127.0.0.1:${database.port}`, ...keys });
  await createTables(client, systemTables("test"));
  table = (name) => dynamoTable(client, `test-${name}`);
  close = () => client.close();
  history = await History.open(join(folder, "history.sqlite"), { bytes: 20_000_000, ms: 86_400_000 });
  records = new OrderRecords(history);
  unfollowed = new UnfollowedOrders();
});
afterEach(async () => {
  judging?.close();
  judging = undefined;
  await close();
  await database.close();
  history.close();
  rmSync(folder, { recursive: true });
});

/** The order is some minutes old. */
function judge(): Judging {
  const begun = performance.now();
  judging = startJudging({
    url: `http://127.0.0.1:${database.port}`,
    prefix: "test",
    embedded: true,
    records,
    recent: new RecentOrders(),
    unfollowed,
    history,
    now: () => NOW + 300_000 + performance.now() - begun,
  });
  return judging;
}

const notice = (
  user_id: string,
  id = derivedId("notification", `${ORDER.id}:order.created:1`, user_id),
): Notification =>
  testNotice({ id, user_id, event: "order.created", related_id: ORDER.id, created_at: ORDER.created_at });

/** Stores the order with notifications, which are told as those of an order that is not followed. */
async function stored(notices: readonly Notification[]): Promise<void> {
  await orderStore(table("orders")).create(ORDER);
  for (const one of notices) await notificationStore(table("notifications")).create(one);
  unfollowed.take({ begun: [ORDER.id], notices: notices.flatMap(({ id }) => [ORDER.id, id]) });
}

const judged = (of: Judging) =>
  until("the order is judged", () => of.watch.view().promises[0]?.checked === 1 && of.watch.view());

test("an order that is not followed is read by the keys that were told, and kept", async () => {
  await stored(PARTIES.map((user) => notice(user)));
  const own = judge();
  own.changed(ORDER.id);
  const { violations, promises } = await judged(own);
  expect([violations, promises[1]?.checked]).toEqual([[], 2]);
  expect(records.row(ORDER.id)).toMatchObject({ status: "pending", total: "100.00" });
  // From now on there may be notifications that nobody tells.
  expect(unfollowed.notificationsOf(ORDER.id, paymentOf(ORDER.id))).toBeUndefined();
  expect(await own.orderAbout(notice(ORDER.buyer_id).id)).toBe(ORDER.id);
});

test("a notification too many, and one to somebody else, are found by what was told of them", async () => {
  const twice = notice(ORDER.buyer_id, "0190a000-0000-7000-8000-0000000000aa");
  await stored([...PARTIES, "stranger"].map((user) => notice(user)).concat(twice));
  const own = judge();
  own.changed(ORDER.id);
  const { violations } = await judged(own);
  expect(violations.map(({ promise }) => promise).toSorted()).toEqual(["notified once", "private"]);
});

test("an order of which nothing was told is found by a sweep, with what is about it", async () => {
  await stored([...PARTIES.map((user) => notice(user)), notice(ORDER.buyer_id, "n")]);
  unfollowed.clear();
  const { violations } = await judged(judge());
  expect(violations).toMatchObject([
    { promise: "notified once", sentence: expect.stringContaining("2 times") },
  ]);
});

test("a notification that was told and is not stored is missed", async () => {
  await stored([notice(ORDER.buyer_id)]);
  unfollowed.take({ begun: [], notices: [ORDER.id, notice(PARTIES[1] ?? "").id] });
  const own = judge();
  own.changed(ORDER.id);
  const { violations } = await judged(own);
  expect(violations).toMatchObject([
    { promise: "notified once", sentence: expect.stringContaining("0 times") },
  ]);
});
