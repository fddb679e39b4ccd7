// npm run bench:sweep -- [--records 20000] [--timeout 15] [--receiver 20] [--shards 4]
// How fast sweeps drain what is due: orders whose events nobody delivered, in an embedded database of its own, swept by the relay as
// Lambda runs it: a schedule every minute, runs that end after --timeout seconds, and the runs that they ask for, side by side. The
// receiver takes --receiver milliseconds. All of it is one process here, and a process for each run on AWS.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createOrder } from "../functions/orders/order.ts";
import { createOrderService, type OrderService } from "../functions/orders/service.ts";
import { setLogSink } from "../lib/observability/log.ts";
import { runRelay } from "../lib/outbox/relay-handler.ts";
import { budgetOf, isOvertaken, type SweepEvent } from "../lib/outbox/sweep-chain.ts";
import { createDynamoClient } from "../lib/storage/dynamo-client.ts";
import { dynamoTable } from "../lib/storage/dynamo-table.ts";
import { startDatabase } from "../local/database/server.ts";
import { createTables } from "../local/runtime/create-tables.ts";
import { commandOptions, number } from "../tests/support/command.ts";
import { systemTables } from "../tests/support/system-tables.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const AT_ONCE = 64;

const { records, timeout, receiver, shards } = commandOptions({
  /** Orders with an event to deliver. */
  records: number(20_000),
  /** Seconds that a run may take. */
  timeout: number(15),
  /** Milliseconds that the receiver takes for an event. */
  receiver: number(20),
  /** As the setting OUTBOX_SHARDS. */
  shards: number(4),
});

setLogSink((_service, line) => void process.stderr.write(line));
const database = await startDatabase({ host: "127.0.0.1", port: 0, log: () => {} });
const client = createDynamoClient({
  url: `http://127.0.0.1:${database.port}`,
  region: "local",
  accessKeyId: "id",
  secretAccessKey: "secret",
});
try {
  await createTables(client, systemTables("sweep"));
  const delivered = new Map<string, number>();
  await fill(serviceWith(delivered));
  const begun = performance.now();
  const runs = await swept(delivered);
  const seconds = (performance.now() - begun) / 1_000;
  const again = [...delivered.values()].reduce((sum, times) => sum + times - 1, 0);
  console.log(
    `${delivered.size} of ${records} delivered in ${seconds.toFixed(1)} s: ${(records / seconds).toFixed(0)}/s`,
  );
  console.log(
    `${runs.length} runs, each with a sweep of ${runs.map((ms) => `${(ms / 1_000).toFixed(1)} s`).join(", ")}`,
  );
  console.log(`${again} delivered again`);
} finally {
  await client.close();
  await database.close();
}

/** An OrderService of its own, as each run's process has one. */
function serviceWith(delivered: Map<string, number>): OrderService {
  return createOrderService({
    table: dynamoTable(client, "sweep-orders", shards),
    notifications: {
      async recordEvent({ body }) {
        await sleep(receiver);
        delivered.set(body.event_id, (delivered.get(body.event_id) ?? 0) + 1);
        return { recorded: 2 };
      },
    },
    cursorKeys: [new Uint8Array(32)],
    lifetime: DAY_MS,
    now: Date.now,
    hint: async () => {},
  });
}

async function fill({ store }: OrderService): Promise<void> {
  const longAgo = Date.now() - MINUTE_MS;
  const create = () =>
    store.create(
      createOrder(
        {
          id: randomUUID(),
          buyer_id: randomUUID(),
          buyer_email: null,
          seller_id: randomUUID(),
          customer_name: "张三",
          currency: "CNY",
          lines: [{ product_id: "p1", name: "Tea", unit_price: 1_250, quantity: 8 }],
          total: 10_000,
          shipping: null,
          remark: "",
          fingerprint: "f",
          lifetime: DAY_MS,
        },
        longAgo,
      ),
    );
  for (let done = 0; done < records; done += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, records - done) }, create));
}

/** Sweeps until all is delivered. Returns how long each run took, in milliseconds. */
async function swept(delivered: Map<string, number>): Promise<readonly number[]> {
  const runs: number[] = [];
  const under = new Set<Promise<void>>();
  async function run(event: SweepEvent): Promise<void> {
    if (isOvertaken(event, Date.now())) return;
    const begun = performance.now();
    const context = { getRemainingTimeInMillis: () => begun + timeout * 1_000 - performance.now() };
    const ask = async (next: SweepEvent) => start(next);
    const { relay } = serviceWith(delivered);
    await runRelay(relay, event, budgetOf(event, context, "OrderService", Date.now, ask));
    runs.push(performance.now() - begun);
  }
  function start(event: SweepEvent): void {
    const running: Promise<void> = run(event).finally(() => under.delete(running));
    under.add(running);
  }
  while (delivered.size < records) {
    const next = performance.now() + MINUTE_MS;
    start({ sweep: true });
    while (under.size > 0) await Promise.race(under);
    if (delivered.size < records) await sleep(Math.max(0, next - performance.now()));
  }
  return runs;
}
