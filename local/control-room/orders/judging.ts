// Reads orders from the database and has them judged: those that have changed at once, all others slowly one after the other.

import { messageOf } from "../../../lib/core/failure-text.ts";
import { createDynamoClient } from "../../../lib/storage/dynamo-client.ts";
import { dynamoTable } from "../../../lib/storage/dynamo-table.ts";
import { scan } from "../../../lib/storage/scan.ts";
import type { Table } from "../../../lib/storage/table.ts";
import {
  orderAbout,
  type ReadStored,
  type StoredFacts,
  storedFacts,
} from "../../../tools/promises/stored-facts.ts";
import { orderRowOf, paymentOf } from "../../../tools/promises/subject.ts";
import {
  type Counts,
  type Evidence,
  isOver,
  type Judged,
  PromiseWatch,
} from "../../../tools/promises/watch.ts";
import type { History } from "../history.ts";
import { gatheredReads } from "./gathered-reads.ts";
import type { OrderRecords } from "./order-records.ts";
import type { RecentOrders } from "./recent-orders.ts";
import type { UnfollowedOrders } from "./unfollowed-orders.ts";

export interface Judging {
  readonly watch: PromiseWatch;
  /** Something of an order has changed. Those whose items are known here are judged soon; others have to be read, and are when there is little to do. */
  changed(orderId: string): void;
  /** Orders that wait for that. */
  readonly waiting: number;
  /** Something was stored that is not known here: a sweep has to find it. */
  missed(): void;
  /** The order that a stored notification is about. */
  orderAbout(notificationId: string): Promise<string | undefined>;
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
  readonly unfollowed: UnfollowedOrders;
  readonly history: History;
  readonly now: () => number;
}

const ROUND_MS = 250;
/** Orders of one round. */
const MOST_JUDGED = 60;
/** With more orders a second that change and have to be read, the database has enough to do: then they wait, but for one a second. */
const BUSY = 20;
const BUSY_MS = 1_000;
/** Of orders whose items are known here, so many a round are judged meanwhile. */
const BUSY_JUDGED = 4;
const MOST_WAITING = 20_000;
/** Between two pages of 50 orders of a sweep: once all orders were seen, the embedded database tells what is written; another one never does. */
const PAGE_MS = { unseen: 10_000, seen: 30_000, other: 2_000 } as const;
/** Between two sweeps. */
const SWEEP_MS = 120_000;

export function startJudging(options: JudgingOptions): Judging {
  const { url, prefix, embedded, records, recent, unfollowed, history, now } = options;
  const client = createDynamoClient({
    url,
    region: "us-east-1",
    accessKeyId: "local",
    secretAccessKey: "local",
    ...(embedded ? { embedded } : {}),
  });
  const tables = (name: string): Table => dynamoTable(client, `${prefix}-${name}`);
  const gathered = gatheredReads(client, prefix);
  const read: ReadStored = (...order) => storedFacts(gathered)(...order);
  /** Orders that have to be read. */
  const waiting = new Set<string>();
  /** Orders that have changed in the second that began at `since`, and in the one before. */
  let [arrived, arrivedBefore, since] = [0, 0, now()];
  let takenAt = 0;
  /** Until then something may have been stored that was not told. */
  let toldSince = history.mark();
  /** Whether all that was stored before was found by a sweep since. */
  let allSeen = false;
  let sweptAt: number | null = null;
  let closed = false;
  let timers: NodeJS.Timeout[] = [];

  const isBusy = () => Math.max(arrived, arrivedBefore) > BUSY;

  async function stored(orderId: string): Promise<Evidence> {
    const known = records.known(orderId);
    const paymentId = paymentOf(orderId);
    const told = unfollowed.notificationsOf(orderId, paymentId) ?? [];
    const ids = [...known.notifications, ...told];
    return { facts: await read(orderId, { ids, complete: false }, paymentId), known };
  }

  async function ofRecent(orderId: string): Promise<Evidence> {
    const ofOrder = storedFacts((name) => recent.table(orderId, name, tables(name)));
    const ids = recent.idsOf(orderId, "notifications");
    return { facts: await ofOrder(orderId, { ids, complete: true }), known: records.known(orderId) };
  }

  const watch = new PromiseWatch(
    {
      async recent(orderId) {
        if (recent.isComplete(orderId)) return ofRecent(orderId);
        const paymentId = paymentOf(orderId);
        const ids = unfollowed.notificationsOf(orderId, paymentId);
        if (ids === undefined) return stored(orderId);
        const facts = await read(orderId, { ids, complete: true }, paymentId);
        return { facts, known: records.known(orderId) };
      },
      stored,
      keep: (judged) => history.write(judged.length, () => judged.map(keep)),
      now,
    },
    records.totals(),
  );

  function keep({ id, order, others, standing }: Judged): Counts | undefined {
    // No list shows those again.
    for (const notification of others) records.takeNotice(id, notification, false);
    if (standing.owed.length + standing.violations.length === 0) unfollowed.forget(id, paymentOf(id));
    return records.judged(id, order && orderRowOf(order), standing.counted);
  }

  const later = (milliseconds: number) =>
    new Promise<void>((resolve) => timers.push(setTimeout(resolve, milliseconds).unref()));

  /** False: it has to be read, and waits for that. */
  function judgeSoon(orderId: string): boolean {
    if (recent.isComplete(orderId)) {
      waiting.delete(orderId);
      watch.changed(orderId);
      return true;
    }
    if (waiting.size < MOST_WAITING || waiting.has(orderId)) waiting.add(orderId);
    else {
      watch.leftOut();
      missed();
    }
    return false;
  }

  function missed(): void {
    toldSince = history.mark();
    allSeen = false;
  }

  function countArrived(): void {
    if (!isOver(now(), since, BUSY_MS)) return;
    arrivedBefore = isOver(now(), since, 2 * BUSY_MS) ? 0 : arrived;
    [arrived, since] = [0, now()];
  }

  /** Some of those that wait. */
  function takeWaiting(): void {
    if (isBusy() && !isOver(now(), takenAt, BUSY_MS)) return;
    takenAt = now();
    let left = isBusy() ? 1 : MOST_JUDGED;
    for (const orderId of waiting) {
      if (left === 0) return;
      left -= 1;
      waiting.delete(orderId);
      watch.changed(orderId);
    }
  }

  async function judge(): Promise<void> {
    while (!closed) {
      countArrived();
      takeWaiting();
      await watch.round(isBusy() ? BUSY_JUDGED : MOST_JUDGED);
      timers = timers.slice(-4);
      await later(ROUND_MS);
    }
  }

  async function sweep(): Promise<void> {
    while (!closed) {
      try {
        const told = toldSince;
        // What has changed since then was told, and is or was judged.
        const since = embedded && !allSeen ? told : history.mark();
        watch.sweeping();
        for await (const ids of scan(client, `${prefix}-orders`)) {
          for (const id of ids) if (!records.seenSince(id, since)) judgeSoon(id);
          if (closed) return;
          await later(pageMs());
          while (isBusy() && !closed) await later(BUSY_MS);
        }
        // By now the last of them are judged: what was not found again is not in the database any more.
        for (const id of records.unseenSince(since)) judgeSoon(id);
        sweptAt = now();
        allSeen = told === toldSince;
        await later(SWEEP_MS);
      } catch (error) {
        watch.failed(messageOf(error));
        await later(PAGE_MS.unseen);
      }
    }
  }

  function pageMs(): number {
    if (!embedded) return PAGE_MS.other;
    return allSeen ? PAGE_MS.seen : PAGE_MS.unseen;
  }

  void judge();
  void sweep();
  return {
    watch,
    changed(orderId) {
      if (!judgeSoon(orderId)) arrived += 1;
    },
    missed,
    get waiting() {
      return waiting.size;
    },
    get sweptAt() {
      return sweptAt;
    },
    orderAbout: (notificationId) => orderAbout(tables, notificationId),
    async read(orderId) {
      try {
        const { facts } = await stored(orderId);
        const { order } = facts;
        if (order !== undefined) history.write(1, () => records.takeOrder(orderRowOf(order)));
        return facts;
      } catch {
        return undefined;
      }
    },
    close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      void client.close();
    },
  };
}
