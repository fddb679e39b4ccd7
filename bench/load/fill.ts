// Fills the embedded database below its port, and times what LevelDB takes for batches: as fast as it goes, then at a steady pace.
// Requests are answered as those of a connection are, so that the same rows are stored.

import { setTimeout as sleep } from "node:timers/promises";
import { orderStore } from "../../functions/orders/order-store.ts";
import type { DynamoClient, DynamoReply } from "../../lib/storage/dynamo-client.ts";
import { dynamoTable } from "../../lib/storage/dynamo-table.ts";
import { createAnswers } from "../../local/database/answers.ts";
import { openGuarded } from "../../local/database/guarded-level.ts";
import type { Level } from "../../local/database/level.ts";
import { createStore } from "../../local/database/store.ts";
import { seededRandom } from "../../tools/own-system/random.ts";
import type { Filled, FillJob } from "./job.ts";
import { sampleOrder } from "./sample-orders.ts";
import { timedDisk } from "./timed-disk.ts";

const LANES = 64;
const USERS = 1_000;
const SELLERS = 200;
/** Requests per second of the steady pace, half of them writes: far below what a core can do. */
const PACE = 500;

/** @throws {Error} when another process has the folder open, or an order is there already. */
export async function fill({ path, table, orders, seed, paceMs }: FillJob): Promise<Filled> {
  const disk = timedDisk();
  const level = await openGuarded(path, say, disk);
  const store = orderStore(dynamoTable(await clientOf(level), table));
  const random = seededRandom(seed);
  const ids: string[] = [];
  const create = async (number: number) => {
    const parties = { user: `stored-user-${number % USERS}`, seller: `stored-seller-${number % SELLERS}` };
    const order = sampleOrder({ ...parties, n: Math.floor(number / USERS), random });
    if (!(await store.create(order))) throw new Error("An order was there already");
    ids.push(order.id);
  };
  const begun = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < orders) {
      next += 1;
      await create(next - 1);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const perSecond = orders / ((performance.now() - begun) / 1_000);
  const filling = disk.takeTimes();
  await atPace(paceMs, async (turn) => {
    if (turn % 2 === 0) return create(orders + turn);
    const id = ids[Math.floor(random() * orders)] ?? "";
    if (!(await store.read(id))) throw new Error(`The order ${id} is not there`);
  });
  const paced = disk.takeTimes();
  await level.close();
  return { perSecond, filling, paced };
}

/** Begins {@link PACE} requests a second for `forMs`, however long they take. */
async function atPace(forMs: number, once: (turn: number) => Promise<void>): Promise<void> {
  const begun = performance.now();
  const under: Promise<void>[] = [];
  for (let now = begun; now < begun + forMs; now = performance.now()) {
    while (under.length < ((now - begun) * PACE) / 1_000) under.push(once(under.length));
    await sleep(1);
  }
  await Promise.all(under);
}

/** A client without a connection. */
async function clientOf(level: Level): Promise<DynamoClient> {
  const answer = createAnswers(await createStore(level), say);
  return {
    send: (operation, input) =>
      new Promise<DynamoReply>((resolve, reject) =>
        answer(operation, JSON.stringify(input), ({ status, body }) => {
          const text = String(body);
          const reply = { body: JSON.parse(text), conditionFailed: status !== 200, ambiguous: false };
          if (status === 200 || text.includes("ConditionalCheckFailed")) resolve(reply);
          else reject(new Error(text));
        }),
      ),
    close: () => Promise.resolve(),
  };
}

const say = (_: string, message: string): void => void process.stderr.write(`${message}\n`);
