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

/** An order that was judged. */
export interface Judged {
  readonly id: string;
  readonly order: StoredFacts["order"];
  /** Ids of notifications about it to users who are no party of it. */
  readonly others: readonly string[];
  readonly standing: Standing;
}

export interface WatchPorts {
  /** The order as far as it is known here, which may be a moment old. */
  recent(orderId: string): Promise<Evidence>;
  /** The order as it is stored now. */
  stored(orderId: string): Promise<Evidence>;
  /** Keeps of orders, all at once, how much was checked. Returns of each what was kept before. @throws when it can't: then nothing is kept. */
  keep(judged: readonly Judged[]): readonly (Counts | undefined)[];
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
/** Orders that are read at the same time: what was read of more would outlive the young generation of V8's heap. */
const AT_ONCE = 20;
const MOST_PENDING = 20_000;

interface Pending {
  readonly first: number;
  last: number;
}

/** An order that is being judged; `pending`: what had been reported of it. */
interface Due {
  readonly id: string;
  readonly pending: Pending | undefined;
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

  /** @param totals how much was counted before, by {@link WatchPorts.keep}. */
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
    const due = this.#takeDue(most);
    const judged: (Judged & Due)[] = [];
    for (let from = 0; from < due.length; from += AT_ONCE)
      await this.#judge(due.slice(from, from + AT_ONCE), judged);
    this.#keep(judged);
    this.#settle();
  }

  /** Adds those that were judged to `judged`. */
  async #judge(due: readonly Due[], judged: (Judged & Due)[]): Promise<void> {
    const suspects: Due[] = [];
    const look = (one: Due) =>
      this.#try(one, async () => {
        const evidence = await this.#ports.recent(one.id);
        const standing = this.#standing(one.id, evidence);
        if (standing.violations.length > 0) suspects.push(one);
        else judged.push({ ...one, ...judgedOf(evidence.facts), standing });
      });
    const confirm = (one: Due) =>
      this.#try(one, async () => {
        const confirmed = await this.#confirmed(one.id);
        if (confirmed === undefined) this.changed(one.id);
        else judged.push({ ...one, ...confirmed });
      });
    await Promise.all(due.map(look));
    await Promise.all(suspects.map(confirm));
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

  /** Orders that have been quiet for a while, which do not wait from then on; and what is looked at again, half of `most` at most. */
  #takeDue(most: number): readonly Due[] {
    const now = this.#ports.now();
    const ids = new Set<string>();
    for (const [id, { first, last }] of this.#pending) {
      if (ids.size >= most) break;
      if (isOver(now, last, QUIET_MS) || isOver(now, first, LATEST_MS)) ids.add(id);
    }
    const room = Math.min(most, ids.size + Math.ceil(most / 2));
    for (const [id, { lookedAt, againMs }] of this.#open) {
      if (ids.size >= room) break;
      if (isOver(now, lookedAt, againMs)) ids.add(id);
    }
    return [...ids].map((id) => {
      const pending = this.#pending.get(id);
      this.#pending.delete(id);
      return { id, pending };
    });
  }

  /** `work` on an order, which waits again if it fails. */
  async #try(due: Due, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#failure = null;
    } catch (error) {
      this.#failed(due, error);
    }
  }

  #failed({ id, pending }: Due, error: unknown): void {
    this.#failure = messageOf(error);
    if (pending !== undefined) this.#pending.set(id, pending);
  }

  #keep(judged: readonly (Judged & Due)[]): void {
    if (judged.length === 0) return;
    try {
      const before = this.#ports.keep(judged);
      for (const [at, one] of judged.entries()) this.#take(one, before[at]);
    } catch (error) {
      for (const one of judged) this.#failed(one, error);
    }
  }

  /** What is wrong in two looks between which nothing has changed; undefined while it changes. */
  async #confirmed(id: string): Promise<Omit<Judged, "id"> | undefined> {
    const one = await this.#ports.stored(id);
    const other = await this.#ports.stored(id);
    if (JSON.stringify(one.facts) !== JSON.stringify(other.facts)) return undefined;
    return { ...judgedOf(other.facts), standing: this.#standing(id, other) };
  }

  #standing = (id: string, { facts, known }: Evidence): Standing =>
    standingOf(id, facts, known, this.#ports.now());

  /** `counted`: how much of it was checked before. */
  #take({ id, standing, pending }: Judged & Due, counted: Counts | undefined): void {
    for (const promise of PROMISES)
      this.#totals[promise] += standing.counted[promise] - (counted?.[promise] ?? 0);
    const now = this.#ports.now();
    const { violations, owed } = standing;
    if (violations.length === 0 && owed.length === 0) {
      this.#open.delete(id);
      return;
    }
    const before = this.#open.get(id);
    const earlier = before?.violations ?? [];
    const isNew = before === undefined || pending !== undefined;
    this.#open.set(id, {
      owed,
      lookedAt: now,
      againMs: Math.min(AGAIN_AT_LAST_MS, isNew ? AGAIN_MS : before.againMs * 2),
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
    for (const { first } of this.#pending.values()) if (before(first)) return;
    for (const { owed } of this.#open.values())
      if (owed.some(({ since, parked }) => !parked && before(since))) return;
    this.#settled = { ...settled, settled_ms: Math.max(0, this.#ports.now() - settled.at) };
  }
}

/** Whether `waitMs` have passed since a time; one that is still to come was told before the clock was set back. */
export const isOver = (now: number, since: number, waitMs: number): boolean =>
  now - since >= waitMs || now < since;

const judgedOf = ({ order, others }: StoredFacts): Pick<Judged, "order" | "others"> => ({
  order,
  others: others.map(({ id }) => id),
});

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
