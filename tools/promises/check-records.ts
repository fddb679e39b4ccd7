// Judges recorded orders by what is stored, again and again until all promises are kept or time is over.

import { setTimeout as sleep } from "node:timers/promises";
import type { DealRecord } from "./deal-record.ts";
import { capturesOf, type Parties, type ReadFacts, seenOf } from "./facts.ts";
import { judge, type Violation } from "./judge.ts";
import type { Promised } from "./promised.ts";
import { providerObjections } from "./provider.ts";

/** One order as its client knows it. */
export interface OrderRecord extends DealRecord, Parties {
  readonly orderId: string;
  /** What a user who is no party was answered, where one was asked. */
  readonly stranger: { readonly order?: number; readonly payment?: number };
}

export interface CheckOptions {
  /** A reader whose lists are new. */
  readonly reader: () => ReadFacts;
  /** Milliseconds that the system may take until all is as it should be. */
  readonly settleMs: number;
  /** Ends the waiting early. */
  readonly signal?: AbortSignal;
}

export interface Checked {
  readonly violations: readonly Violation[];
  /** Milliseconds until everything was as it should be; undefined when it was not. */
  readonly settledMs: number | undefined;
}

const AT_ONCE = 8;
const PAUSE_MS = 250;
/** Longer than the pause between two sweeps: what would be done twice is done by then. */
const AGAIN_MS = 2_500;

/** What is still broken after `settleMs`, or has come to be broken after all was kept. */
export async function checkRecords(
  records: readonly OrderRecord[],
  { reader, settleMs, signal }: CheckOptions,
): Promise<Checked> {
  const begun = performance.now();
  const pause = (ms: number) => sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {});
  let open = records;
  let violations = await look(open, reader());
  while (violations.length > 0 && performance.now() - begun < settleMs && signal?.aborted !== true) {
    await pause(PAUSE_MS);
    const broken = new Set(violations.map(({ deal }) => deal));
    open = open.filter(({ label }) => broken.has(label));
    violations = await look(open, reader());
  }
  const settledMs = performance.now() - begun;
  if (violations.length > 0) return { violations, settledMs: undefined };
  await pause(AGAIN_MS);
  return { violations: await look(records, reader()), settledMs };
}

/** What is broken now. */
async function look(records: readonly OrderRecord[], read: ReadFacts): Promise<Violation[]> {
  const waiting = [...records];
  const found: Violation[] = [];
  const looker = async () => {
    for (let record = waiting.shift(); record; record = waiting.shift()) {
      found.push(...(await violationsOf(record, read)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, looker));
  return found;
}

async function violationsOf(record: OrderRecord, read: ReadFacts): Promise<Violation[]> {
  const object = (promise: Promised, what: string): Violation => ({
    promise,
    deal: record.label,
    sentence: `${record.label}: ${what}`,
  });
  try {
    const facts = await read(record);
    const stranger = { order: record.stranger.order ?? 404, payment: record.stranger.payment ?? 404 };
    // The provider's own records say what was captured.
    const known = { ...record, acknowledged: [...record.acknowledged, ...capturesOf(facts)] };
    const differences = providerObjections(facts).map((what) => object("money", what));
    return [...judge(known, seenOf(facts, stranger)), ...differences];
  } catch (error) {
    return [object("durable", `it can't be read (${String(error)})`)];
  }
}
