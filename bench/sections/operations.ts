// Database operations of one flow, counted outside any timed part.

import { setTimeout as sleep } from "node:timers/promises";
import { orderIn, providerCallback, sendCallback, shop } from "../../tests/support/shop.ts";
import type { System } from "../../tests/support/system.ts";
import { SANDBOX_SECRET, startBenchSystem } from "../bench-system.ts";
import { type Operation, startCountingProxy } from "../counting-proxy.ts";

export interface FlowOperations {
  /** Operations per flow, by `PutItem orders` and the like; what watches (sweeps, health, the polls) left out. */
  readonly perFlow: Readonly<Record<string, number>>;
  readonly total: number;
  /** Operations per second that go on without any request: sweeps and health checks. */
  readonly idlePerSecond: number;
}

const PREFIX = "count";
const FLOWS = 5;
const QUIET_MS = 300;
const QUIET_WITHIN_MS = 10_000;
const IDLE_MS = 2_000;

/** Runs flows on a second system whose database is `beside`'s, seen through a proxy. */
export async function countOperations(beside: System): Promise<FlowOperations> {
  const proxy = await startCountingProxy(beside.databaseUrl, `${PREFIX}-`);
  let system: System | undefined;
  try {
    const database = { DB_ENGINE: "dynamodb", DB_HOST: "127.0.0.1", DB_PORT: String(proxy.port) };
    system = await startBenchSystem({ ...database, DB_NAME: PREFIX });
    const customer = shop(system);
    const running = system;
    const flow = async () => {
      const order = (await customer.order()).body;
      const payment = (await customer.pay(order.id)).body;
      await sendCallback(running, providerCallback(SANDBOX_SECRET, payment));
      await quiet(proxy.seen);
      return order.id;
    };
    // The first flow of a process and of a user looks things up that are remembered later.
    await orderIn(customer, await flow(), "paid");
    await quiet(proxy.seen);
    const counted: Operation[] = [];
    let last = "";
    for (let i = 0; i < FLOWS; i += 1) {
      const from = proxy.seen.length;
      last = await flow();
      counted.push(...proxy.seen.slice(from).filter(isOfFlow));
    }
    await orderIn(customer, last, "paid");
    const from = proxy.seen.length;
    await sleep(IDLE_MS);
    const idlePerSecond = (proxy.seen.length - from) / (IDLE_MS / 1_000);
    return { perFlow: tally(counted), total: counted.length / FLOWS, idlePerSecond };
  } finally {
    await system?.cleanUp();
    await proxy.close();
  }
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

function tally(operations: readonly Operation[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { operation, table, index } of operations) {
    const name = `${operation} ${table}${index === undefined ? "" : ` ${index}`}`;
    counts[name] = (counts[name] ?? 0) + 1 / FLOWS;
  }
  return counts;
}
