// The database alone, with the client the services use: its ceiling, and orders put there without the services.

import { randomInt, randomUUID } from "node:crypto";
import { type OrderStore, orderStore } from "../../functions/orders/order-store.ts";
import { createDynamoClient, type DynamoClient } from "../../lib/storage/dynamo-client.ts";
import { dynamoTable } from "../../lib/storage/dynamo-table.ts";
import { seededRandom } from "../../tools/own-system/random.ts";
import { closedLoop } from "./closed-loop.ts";
import type { Measured, Seeded, SeedJob, StorageJob } from "./job.ts";
import { sampleOrder } from "./sample-orders.ts";

const KEYS = { region: "us-east-1", accessKeyId: "local", secretAccessKey: "local", embedded: true };
const SEED = 1;
const SEED_LANES = 32;
const READ_FROM = 500;

/** Puts new orders, or gets stored ones, as fast as `lanes` go. */
export async function runStorage(job: StorageJob): Promise<Measured> {
  const store = storeOf(job);
  const user = `bench-ceiling-${randomUUID()}`;
  let next = 0;
  const random = seededRandom(randomInt(2 ** 30));
  const put = async () => {
    next += 1;
    const order = sampleOrder({ user, n: next, random });
    if (!(await store.create(order))) throw new Error("An order was there already");
    return order.id;
  };
  if (job.kind === "put") return closedLoop(job, async () => void (await put()));
  const ids: string[] = [];
  for (let i = 0; i < READ_FROM; i += 1) ids.push(await put());
  return closedLoop(job, async (lane) => {
    next += 1;
    const order = await store.read(ids[(next + lane) % READ_FROM] ?? "");
    if (!order) throw new Error("An order is not there");
  });
}

/** Writes the orders of each user, several at once. */
export async function seed(job: SeedJob): Promise<Seeded> {
  const store = storeOf(job);
  const begun = performance.now();
  const orderOf: Record<string, string> = {};
  const todo = Object.entries(job.users).flatMap(([user, count]) =>
    Array.from({ length: count }, (_, n) => ({ user, n })),
  );
  const total = todo.length;
  const random = seededRandom(SEED);
  const lane = async () => {
    for (let next = todo.pop(); next; next = todo.pop()) {
      const order = sampleOrder({ ...next, random });
      await store.create(order);
      orderOf[next.user] = order.id;
    }
  };
  await Promise.all(Array.from({ length: SEED_LANES }, lane));
  return { orderOf, perSecond: total / ((performance.now() - begun) / 1_000) };
}

/** The services' client of the embedded database at `url`. */
export const clientAt = (url: string): DynamoClient => createDynamoClient({ url, ...KEYS });

const storeOf = ({ databaseUrl, table }: Pick<SeedJob, "databaseUrl" | "table">): OrderStore =>
  orderStore(dynamoTable(clientAt(databaseUrl), table));
