import { beforeEach, describe, expect, test } from "@jest/globals";
import { withEvent } from "../../functions/orders/order.ts";
import { newOrder } from "../../functions/orders/test-orders.ts";
import type { Known } from "./standing.ts";
import type { StoredFacts } from "./stored-facts.ts";
import { type Counts, type Evidence, PromiseWatch, type WatchPorts } from "./watch.ts";

const ID = "o";
const NOTHING: Known = { notifications: [], acknowledged: [], readers: [], mailed: [] };
/** One event of the order that is still to be delivered. */
const { outbox: owed } = withEvent(newOrder(), "order.created", Date.parse(newOrder().created_at));

let now: number;
let facts: StoredFacts;
let known: Known;
let reads: number;
let watch: PromiseWatch;

/** An order of which nobody was notified; only what it still owes excuses that. */
const order = (changes: object = {}): StoredFacts => ({
  order: { ...newOrder(), id: ID, outbox: owed, ...changes },
  payment: undefined,
  charges: [],
  buyer: [],
  seller: [],
  others: [],
});

const keepNothing: WatchPorts["keep"] = (judged) => judged.map(() => undefined);

beforeEach(() => {
  now = Date.parse(newOrder().created_at) + 1_000;
  facts = order();
  known = NOTHING;
  reads = 0;
  const counts = new Map<string, Counts>();
  const evidence = async (): Promise<Evidence> => ({ facts, known });
  watch = new PromiseWatch({
    recent: evidence,
    stored: () => {
      reads += 1;
      return evidence();
    },
    keep: (judged) =>
      judged.map(({ id, standing }) => {
        const before = counts.get(id);
        counts.set(id, standing.counted);
        return before;
      }),
    now: () => now,
  });
});

/** Judges what has changed, when it has been quiet. */
async function judged() {
  watch.changed(ID);
  now += 5_000;
  await watch.round(10);
  return watch.view();
}

const broken = async () => (await judged()).violations.map(({ promise }) => promise);

describe("an order", () => {
  test("is not finished while it owes something, and breaks nothing", async () => {
    expect(owed).toHaveLength(1);
    const { violations, unfinished } = await judged();
    expect(violations).toEqual([]);
    expect(unfinished).toMatchObject({ orders: 1, oldest: { what: "order.created to the parties" } });
    expect(reads).toBe(0);
  });

  test("that owes nothing any more and was not notified is found, after it was read again", async () => {
    facts = order({ outbox: [] });
    expect(await broken()).toContain("notified once");
    expect(reads).toBe(2);
  });

  test("that changes between two looks is looked at once more", async () => {
    facts = order({ outbox: [] });
    const changing = new PromiseWatch({
      recent: async () => ({ facts, known }),
      stored: async () => {
        reads += 1;
        return { facts: order({ outbox: [], revision: reads }), known };
      },
      keep: keepNothing,
      now: () => now,
    });
    changing.changed(ID);
    now += 5_000;
    await changing.round(10);
    expect(changing.view()).toMatchObject({ violations: [], pending: 1 });
  });

  test("that is gone although it was acknowledged is found", async () => {
    facts = { ...facts, order: undefined };
    known = { ...NOTHING, acknowledged: [{ what: "order created" }] };
    expect(await broken()).toContain("durable");
  });

  test("that somebody else was shown is found", async () => {
    facts = order({ outbox: [] });
    known = { ...NOTHING, readers: ["somebody else"] };
    expect(await broken()).toContain("private");
  });

  test("counts once, however often it is judged, and is well again once it is repaired", async () => {
    facts = order({ outbox: [], status: "paid" });
    expect(await broken()).toContain("money");
    facts = order();
    const { promises, violations } = await judged();
    expect([promises[0]?.checked, violations]).toEqual([1, []]);
  });
});

test("settled is when all that was under way at the fault is done, and not when later work is", async () => {
  await judged();
  watch.faulted("a kill");
  now += 1_000;
  expect((await judged()).settled).toMatchObject({ fault: "a kill", settled_ms: null });
  const later = new Date(now + 60_000).toISOString();
  facts = order({ outbox: owed.map((event) => ({ ...event, created_at: later })) });
  const begun = now;
  const { settled, unfinished } = await judged();
  expect([settled?.settled_ms, unfinished.orders]).toEqual([begun + 5_000 - (settled?.at ?? 0), 1]);
});

test("what waits when the clock is set back does not wait for its old time", async () => {
  watch.changed(ID);
  now -= 3_600_000;
  await watch.round(10);
  expect(watch.view()).toMatchObject({
    pending: 0,
    promises: expect.arrayContaining([expect.objectContaining({ checked: 1 })]),
  });
});

test("while orders can't be read they wait, and that is said", async () => {
  const away = new PromiseWatch({
    recent: () => Promise.reject(new Error("no database")),
    stored: () => Promise.reject(new Error("no database")),
    keep: keepNothing,
    now: () => now,
  });
  away.changed(ID);
  now += 5_000;
  await away.round(10);
  expect(away.view()).toMatchObject({ failure: "no database", pending: 1, violations: [] });
});

test("orders are judged as many at a time as is said, and kept some at once; what can't be kept waits", async () => {
  const kept: number[] = [];
  let full = false;
  const many = new PromiseWatch({
    recent: async () => ({ facts, known }),
    stored: async () => ({ facts, known }),
    keep(judged) {
      if (full) throw new Error("the disk is full");
      kept.push(judged.length);
      return keepNothing(judged);
    },
    now: () => now,
  });
  for (let no = 0; no < 30; no += 1) many.changed(`order ${no}`);
  now += 5_000;
  await many.round(25);
  expect(kept.reduce((sum, count) => sum + count, 0)).toBe(25);
  expect(kept.length).toBeLessThan(5);
  expect(many.view()).toMatchObject({ pending: 5, unfinished: { orders: 25 } });
  full = true;
  await many.round(25);
  expect(many.view()).toMatchObject({ pending: 5, failure: "the disk is full" });
});
