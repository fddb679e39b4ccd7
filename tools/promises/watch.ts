// Watches the promises while a system runs: judges each order again that has changed, a bounded number at a time, and keeps
// what is wrong, what is not finished, and how long it took after a fault until all was as it should be.

import { messageOf } from "../../lib/core/failure-text.ts";
import type { Owed } from "./owed.ts";
import { PROMISES, type Promised } from "./promised.ts";
import { type Known, type Standing, standingOf } from "./standing.ts";
import type { StoredFacts } from "./stored-facts.ts";

/** What is read of an order to judge it. */
export interface Evidence {
  readonly facts: StoredFacts;
  readonly known: Known;
}

export type Counts = Standing["counted"];

export interface WatchPorts {
  /** The order as far as it is known here, which may be a moment old. */
  recent(orderId: string): Promise<Evidence>;
  /** The order as it is stored now. */
  stored(orderId: string): Promise<Evidence>;
  /** Keeps how much of an order was checked. Returns what was kept before. */
  counted(orderId: string, counts: Counts): Counts | undefined;
  /** Epoch milliseconds. */
  now(): number;
}

export interface Broken {
  readonly promise: Promised;
  readonly order_id: string;
  readonly sentence: string;
  /** When it was found. */
  readonly since: number;
}

export interface Unfinished {
  readonly order_id: string;
  readonly what: string;
  readonly since: number;
}

/** A fault, and how long it took until all was done that had been under way; null: not yet. */
export interface Settled {
  readonly fault: string;
  readonly at: number;
  readonly settled_ms: number | null;
}

export interface WatchView {
  readonly promises: readonly {
    readonly promise: Promised;
    readonly checked: number;
    readonly violations: number;
  }[];
  /** The newest first; at most 100. */
  readonly violations: readonly Broken[];
  readonly unfinished: { readonly orders: number; readonly oldest: Unfinished | null };
  /** What is parked, and waits for a person. */
  readonly waiting: { readonly orders: number; readonly oldest: Unfinished | null };
  readonly settled: Settled | null;
  /** Orders that have changed and are still to be judged. */
  readonly pending: number;
  /** Why orders can't be read now. */
  readonly failure: string | null;
}

const SHOWN = 100;
/** An order that changes is judged when it has been quiet so long, and at the latest after the second. */
const QUIET_MS = 1_000;
const LATEST_MS = 3_000;
/** What is wrong or not finished is looked at again after so long, and each time after twice as long, whether anything was reported of it or not. */
const AGAIN_MS = 2_000;
const AGAIN_AT_LAST_MS = 60_000;
const AT_ONCE = 8;
const MOST_PENDING = 20_000;

interface Pending {
  readonly first: number;
  last: number;
}

interface Open {
  readonly violations: readonly Broken[];
  readonly owed: readonly Owed[];
  lookedAt: number;
  againMs: number;
}

export class PromiseWatch {
  readonly #ports: WatchPorts;
  readonly #pending = new Map<string, Pending>();
  /** Orders of which something is wrong or not finished. */
  readonly #open = new Map<string, Open>();
  readonly #totals: Record<Promised, number>;
  #settled: Settled | null = null;
  #failure: string | null = null;
  #left = 0;

  /** @param totals how much was counted before, by {@link WatchPorts.counted}. */
  constructor(ports: WatchPorts, totals: Partial<Counts> = {}) {
    this.#ports = ports;
    this.#totals = {
      money: 0,
      "notified once": 0,
      durable: 0,
      "one winner": 0,
      private: 0,
      mail: 0,
      ...totals,
    };
  }

  /** Something of the order has changed. When too many wait, a sweep has to find it. */
  changed(orderId: string): void {
    const now = this.#ports.now();
    const known = this.#pending.get(orderId);
    if (known !== undefined) known.last = now;
    else if (this.#pending.size >= MOST_PENDING) this.leftOut();
    else this.#pending.set(orderId, { first: now, last: now });
  }

  /** An order has changed, and it is not said which: a sweep has to find it. */
  leftOut(): void {
    this.#left += 1;
  }

  /** Something was done to the system; see {@link Settled}. */
  faulted(fault: string): void {
    this.#settled = { fault, at: this.#ports.now(), settled_ms: null };
  }

  /** Judges orders that wait, `most` at most. Never rejects. */
  async round(most: number): Promise<void> {
    const now = this.#ports.now();
    const again = [...this.#open].filter(([, { lookedAt, againMs }]) => now - lookedAt >= againMs);
    const due = [...this.#pending].filter(
      ([, { first, last }]) => now - last >= QUIET_MS || now - first >= LATEST_MS,
    );
    const ids = [...new Set([...due, ...again.slice(0, Math.ceil(most / 2))].map(([id]) => id))];
    const waiting = ids.slice(0, most);
    const judge = async () => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await this.#judge(id);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, judge));
    this.#settle();
  }

  view(): WatchView {
    const open = [...this.#open];
    const violations = open.flatMap(([, one]) => one.violations).sort((a, b) => b.since - a.since);
    const owed = open.flatMap(([order_id, one]) =>
      one.owed.map(({ what, since, parked }) => ({ order_id, what, since, parked })),
    );
    const unfinished = owed.filter(({ parked }) => !parked);
    const parked = owed.filter((one) => one.parked);
    return {
      promises: PROMISES.map((promise) => ({
        promise,
        checked: this.#totals[promise],
        violations: violations.filter((one) => one.promise === promise).length,
      })),
      violations: violations.slice(0, SHOWN),
      unfinished: summary(unfinished),
      waiting: summary(parked),
      settled: this.#settled,
      pending: this.#pending.size + this.#left,
      failure: this.#failure,
    };
  }

  /** Orders can't be listed now. */
  failed(why: string): void {
    this.#failure = why;
  }

  /** A sweep has begun: it finds what was left out. */
  sweeping(): void {
    this.#left = 0;
  }

  /** Judges one order now. */
  async #judge(id: string): Promise<void> {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    try {
      const first = this.#standing(id, await this.#ports.recent(id));
      const standing = first.violations.length === 0 ? first : await this.#confirmed(id);
      if (standing === undefined) this.changed(id);
      else this.#take(id, standing, pending !== undefined);
      this.#failure = null;
    } catch (error) {
      this.#failure = messageOf(error);
      if (pending !== undefined) this.#pending.set(id, pending);
    }
  }

  /** What is wrong in two looks between which nothing has changed; undefined while it changes. */
  async #confirmed(id: string): Promise<Standing | undefined> {
    const one = await this.#ports.stored(id);
    const other = await this.#ports.stored(id);
    if (JSON.stringify(one.facts) !== JSON.stringify(other.facts)) return undefined;
    return this.#standing(id, other);
  }

  #standing = (id: string, { facts, known }: Evidence): Standing =>
    standingOf(id, facts, known, this.#ports.now());

  /** `changed`: something of the order had been reported. */
  #take(id: string, { violations, owed, counted }: Standing, changed: boolean): void {
    const known = this.#ports.counted(id, counted);
    for (const promise of PROMISES) this.#totals[promise] += counted[promise] - (known?.[promise] ?? 0);
    const now = this.#ports.now();
    if (violations.length === 0 && owed.length === 0) {
      this.#open.delete(id);
      return;
    }
    const before = this.#open.get(id);
    const earlier = before?.violations ?? [];
    this.#open.set(id, {
      owed,
      lookedAt: now,
      againMs: Math.min(AGAIN_AT_LAST_MS, before === undefined || changed ? AGAIN_MS : before.againMs * 2),
      violations: violations.map(({ promise, sentence }) => ({
        promise,
        order_id: id,
        sentence: sentence.replace(`${id}: `, ""),
        since: earlier.find((one) => sentence.endsWith(one.sentence))?.since ?? now,
      })),
    });
  }

  /** Settled is what was under way at the fault once all of it is done and has been looked at. */
  #settle(): void {
    const settled = this.#settled;
    if (settled === null || settled.settled_ms !== null || this.#failure !== null) return;
    const before = (time: number) => time <= settled.at;
    if ([...this.#pending.values()].some(({ first }) => before(first))) return;
    const open = [...this.#open.values()];
    if (open.some(({ owed }) => owed.some(({ since, parked }) => !parked && before(since)))) return;
    this.#settled = { ...settled, settled_ms: Math.max(0, this.#ports.now() - settled.at) };
  }
}

function summary(all: readonly Unfinished[]): WatchView["unfinished"] {
  const oldest = all.reduce<Unfinished | null>(
    (first, one) => (first === null || one.since < first.since ? one : first),
    null,
  );
  return {
    orders: new Set(all.map(({ order_id }) => order_id)).size,
    oldest: oldest && { order_id: oldest.order_id, what: oldest.what, since: oldest.since },
  };
}
