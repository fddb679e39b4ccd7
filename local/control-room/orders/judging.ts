// Reads orders from the database and has them judged: those that have changed at once, all others slowly one after the other.

import { messageOf } from "../../../lib/core/failure-text.ts";
import { createDynamoClient } from "../../../lib/storage/dynamo-client.ts";
import { dynamoTable } from "../../../lib/storage/dynamo-table.ts";
import { scan } from "../../../lib/storage/scan.ts";
import type { Table } from "../../../lib/storage/table.ts";
import { type StoredFacts, storedFacts } from "../../../tools/promises/stored-facts.ts";
import { orderRowOf } from "../../../tools/promises/subject.ts";
import { PromiseWatch } from "../../../tools/promises/watch.ts";
import type { History } from "../history.ts";
import type { OrderRecords } from "./order-records.ts";
import type { RecentOrders } from "./recent-orders.ts";

export interface Judging {
  readonly watch: PromiseWatch;
  /** Something of an order has changed. Those whose items are known here are judged soon; others have to be read, and are when there is little to do. */
  changed(orderId: string): void;
  /** Orders that wait for that. */
  readonly waiting: number;
  /** When all orders had been given to the judge; null: not yet. */
  readonly sweptAt: number | null;
  /** The order as it is stored now, which is found here from then on; undefined where it can't be read. */
  read(orderId: string): Promise<StoredFacts | undefined>;
  close(): void;
}

export interface JudgingOptions {
  readonly url: string;
  readonly prefix: string;
  readonly embedded: boolean;
  readonly records: OrderRecords;
  readonly recent: RecentOrders;
  readonly history: History;
  readonly now: () => number;
}

const ROUND_MS = 250;
/** Orders of one round. */
const MOST_JUDGED = 60;
/** Between two pages of 50 orders of a sweep: the embedded database reports its writes, with another one only a sweep finds them. */
const PAGE_MS = { embedded: 10_000, other: 2_000 } as const;
/** With more orders that change in a round and have to be read, the database has enough to do: then they wait, but for one in so many rounds. */
const BUSY = 5;
const BUSY_ROUNDS = 4;
const BUSY_JUDGED = 4;
const MOST_WAITING = 20_000;
const BUSY_MS = 1_000;
/** Between two sweeps. */
const SWEEP_MS = 120_000;

export function startJudging(options: JudgingOptions): Judging {
  const { url, prefix, embedded, records, recent, history, now } = options;
  const client = createDynamoClient({
    url,
    region: "us-east-1",
    accessKeyId: "local",
    secretAccessKey: "local",
    ...(embedded ? { embedded } : {}),
  });
  const tables = (name: string): Table => dynamoTable(client, `${prefix}-${name}`);
  const pageMs = PAGE_MS[embedded ? "embedded" : "other"];
  /** Orders that have changed and are not in `recent`. */
  const waiting = new Set<string>();
  let arrived = 0;
  let rounds = 0;
  let isBusy = false;
  let sweptAt: number | null = null;
  let closed = false;
  let timers: NodeJS.Timeout[] = [];

  function keep(orderId: string, facts: StoredFacts): void {
    const { order, buyer, seller, others } = facts;
    if (order === undefined) return;
    history.write(1, () => {
      records.takeOrder(orderRowOf(order));
      for (const { id } of [...buyer, ...seller, ...others]) records.takeNotice(orderId, id, false);
    });
  }

  async function stored(orderId: string) {
    const facts = await storedFacts(tables, orderId, records.known(orderId).notifications, true);
    keep(orderId, facts);
    return { facts, known: records.known(orderId) };
  }

  const watch = new PromiseWatch(
    {
      async recent(orderId) {
        if (!recent.isComplete(orderId)) return stored(orderId);
        const known = records.known(orderId);
        const table = (name: string) => recent.table(orderId, name, tables(name));
        return { facts: await storedFacts(table, orderId, known.notifications, false), known };
      },
      stored,
      counted: (orderId, counts) => records.counted(orderId, counts),
      now,
    },
    records.totals(),
  );

  const later = (milliseconds: number) =>
    new Promise<void>((resolve) => timers.push(setTimeout(resolve, milliseconds).unref()));

  function changed(orderId: string): void {
    if (recent.isComplete(orderId)) {
      waiting.delete(orderId);
      watch.changed(orderId);
    } else if (!waiting.has(orderId)) {
      arrived += 1;
      if (waiting.size < MOST_WAITING) waiting.add(orderId);
      else watch.leftOut();
    }
  }

  /** Some of those that wait. */
  function takeWaiting(): void {
    isBusy = arrived > BUSY;
    arrived = 0;
    rounds += 1;
    let left = MOST_JUDGED;
    if (isBusy) left = rounds % BUSY_ROUNDS === 0 ? 1 : 0;
    for (const orderId of waiting) {
      if (left === 0) return;
      left -= 1;
      waiting.delete(orderId);
      watch.changed(orderId);
    }
  }

  async function judge(): Promise<void> {
    while (!closed) {
      takeWaiting();
      await watch.round(isBusy ? BUSY_JUDGED : MOST_JUDGED);
      timers = timers.slice(-4);
      await later(ROUND_MS);
    }
  }

  async function sweep(): Promise<void> {
    while (!closed) {
      try {
        const begun = now();
        watch.sweeping();
        for await (const ids of scan(client, `${prefix}-orders`)) {
          for (const id of ids) watch.changed(id);
          if (closed) return;
          await later(pageMs);
          while (isBusy && !closed) await later(BUSY_MS);
        }
        // By now the last of them are judged: what was not found again is not in the database any more.
        for (const id of records.unseenSince(begun)) watch.changed(id);
        sweptAt = now();
        await later(SWEEP_MS);
      } catch (error) {
        watch.failed(messageOf(error));
        await later(pageMs);
      }
    }
  }

  void judge();
  void sweep();
  return {
    watch,
    changed,
    get waiting() {
      return waiting.size;
    },
    get sweptAt() {
      return sweptAt;
    },
    read: (orderId) =>
      stored(orderId).then(
        ({ facts }) => facts,
        () => undefined,
      ),
    close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      void client.close();
    },
  };
}
