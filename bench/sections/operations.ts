// Database operations and HTTP exchanges of one flow, counted outside any timed part.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { HINT_GRACE_MS } from "../../lib/outbox/outbox.ts";
import { orderIn, providerCallback, type Shop, sendCallback, shop } from "../../tests/support/shop.ts";
import type { System } from "../../tests/support/system.ts";
import { SANDBOX_SECRET, startBenchSystem } from "../bench-system.ts";
import { type Operation, startCountingProxy } from "../counting/proxy.ts";
import { recordRequests } from "../counting/requests.ts";
import type { Step } from "../load/job.ts";
import { BARE_ORDER, orderWithLines } from "../load/new-orders.ts";

export interface FlowCount {
  /** Operations per flow, by `PutItem orders` and the like; what watches (sweeps, health, the polls) left out, and looks. */
  readonly perFlow: Readonly<Record<string, number>>;
  readonly operations: number;
  /** Those of them until the last notification is there; the others record that it was delivered. */
  readonly untilNotified: number;
  /** Looks whether a feature is in use, of which a process makes one a second of each, however many flows there are. */
  readonly looks: number;
  /** HTTP requests per flow from one service to another, or to itself. */
  readonly exchanges: number;
}

/** What the replies and operations of one flow were. */
export interface FlowRecord {
  readonly steps: readonly Step[];
  /** Its ids and users. */
  readonly texts: readonly string[];
  /** Bodies by `POST /api/orders/` and the like. */
  readonly replies: Readonly<Record<string, string>>;
}

export interface FlowCounts {
  readonly bare: FlowCount;
  readonly withSeller: FlowCount;
  /** Of the last flow with a seller. */
  readonly record: FlowRecord;
  /** Operations per second that go on without any request: sweeps and health checks. */
  readonly idlePerSecond: number;
}

const PREFIX = "count";
const FLOWS = 5;
/** Longer than a delivery waits to be recorded, so that this counts as well. */
const QUIET_MS = 0.6 * HINT_GRACE_MS;
const QUIET_WITHIN_MS = 10_000;
const IDLE_MS = 2_000;
/** Calls between services, and hints that a process sends itself. */
const BETWEEN = /^\/(internal|2015-03-31)\//;

/** Runs flows on a second system whose database is `beside`'s, seen through a proxy. @param root its checkout. */
export async function countOperations(beside: System, root?: string): Promise<FlowCounts> {
  const proxy = await startCountingProxy(beside.databaseUrl, `${PREFIX}-`);
  const requests = recordRequests();
  let system: System | undefined;
  try {
    const database = { DB_ENGINE: "dynamodb", DB_HOST: "127.0.0.1", DB_PORT: String(proxy.port) };
    system = await startBenchSystem({ ...database, ...requests.env, DB_NAME: PREFIX }, root);
    const counting = { system, seen: proxy.seen, paths: requests.seen };
    const known = shop(system);
    const bare = await countFlows(counting, () => ({ customer: known, body: BARE_ORDER }));
    const { record, ...withSeller } = await countFlows(counting, newParties(system));
    const from = proxy.seen.length;
    await sleep(IDLE_MS);
    const idlePerSecond = (proxy.seen.length - from) / (IDLE_MS / 1_000);
    return { bare, withSeller, record, idlePerSecond };
  } finally {
    await system?.cleanUp();
    await proxy.close();
    requests.remove();
  }
}

interface Counting {
  readonly system: System;
  readonly seen: readonly Operation[];
  readonly paths: () => readonly string[];
}

interface Wanted {
  readonly customer: Shop;
  readonly body: object;
  readonly seller?: string;
}

const newParties = (system: System) => (): Wanted => {
  const seller = randomUUID();
  return { customer: shop(system), body: orderWithLines(seller), seller };
};

async function countFlows(
  counting: Counting,
  next: () => Wanted,
): Promise<FlowCount & { readonly record: FlowRecord }> {
  // The first flow of a process looks things up that are remembered later.
  await runFlow(counting, next());
  const counted: Operation[] = [];
  let untilNotified = 0;
  let looks = 0;
  let between = 0;
  let record: FlowRecord | undefined;
  for (let i = 0; i < FLOWS; i += 1) {
    const from = counting.seen.length;
    const pathsBefore = counting.paths().length;
    const { wanted, replies, ids } = await runFlow(counting, next());
    const seen = counting.seen.slice(from).filter(isOfFlow);
    const operations = seen.filter((operation) => !isLook(operation));
    counted.push(...operations);
    untilNotified += 1 + operations.findLastIndex(isNotification);
    looks += seen.length - operations.length;
    between += counting.paths().slice(pathsBefore).filter(isBetween).length;
    const keys = operations.flatMap(({ key, operation }) => (operation === "PutItem" && key ? [key] : []));
    const users = [wanted.customer.user, ...(wanted.seller === undefined ? [] : [wanted.seller])];
    record = {
      steps: operations,
      texts: [...new Set([...ids, ...keys, ...users])],
      replies: await replies(),
    };
  }
  if (record === undefined) throw new Error("No flow was counted");
  const perFlow = tally(counted);
  return {
    perFlow,
    operations: counted.length / FLOWS,
    untilNotified: untilNotified / FLOWS,
    looks: looks / FLOWS,
    exchanges: between / FLOWS,
    record,
  };
}

/** Runs one flow, and waits until all that follows from it is done. */
async function runFlow({ system, seen }: Counting, wanted: Wanted) {
  const { customer, body } = wanted;
  const order = (await customer.order(body)).body;
  const payment = (await customer.pay(order.id)).body;
  const acknowledged = (await sendCallback(system, providerCallback(SANDBOX_SECRET, payment))).body;
  await quiet(seen);
  const replies = async () => {
    const paid = await orderIn(customer, order.id, "paid");
    const list = await customer.call("GET", `${system.urls.notifications}/api/notifications/?limit=2`);
    return {
      "POST /api/orders/": JSON.stringify(order),
      "POST /api/payments/": JSON.stringify(payment),
      "POST /api/payments/callback/sandbox/": JSON.stringify(acknowledged),
      [`GET /api/orders/${order.id}/`]: JSON.stringify(paid),
      "GET /api/notifications/": JSON.stringify(list.body),
    };
  };
  return { wanted, replies, ids: [String(order.id), String(payment.id)] };
}

/** Waits until nothing but what watches has asked for a while. */
async function quiet(seen: readonly Operation[]): Promise<void> {
  const end = performance.now() + QUIET_WITHIN_MS;
  for (let before = -1; performance.now() < end; ) {
    const now = seen.filter(isOfFlow).length;
    if (now === before) return;
    before = now;
    await sleep(QUIET_MS);
  }
}

const isOfFlow = ({ index, key }: Operation): boolean => index !== "by_due" && key !== "health-probe";

const isNotification = ({ operation, table }: Operation): boolean =>
  operation === "PutItem" && table === "notifications";

/** `functions/notifications/in-use.ts`. The flows are counted one by one, so each finds that the last look is over a second ago. */
const isLook = ({ key }: Operation): boolean => key !== undefined && /(^|:)in-use$/.test(key);

const isBetween = (path: string): boolean => BETWEEN.test(path);

function tally(operations: readonly Operation[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { operation, table, index } of operations) {
    const name = `${operation} ${table}${index === undefined ? "" : ` ${index}`}`;
    counts[name] = (counts[name] ?? 0) + 1 / FLOWS;
  }
  return counts;
}
