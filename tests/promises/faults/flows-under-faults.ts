// Flows create → pay → callback (→ refund) while at random a part of the system is killed or its disk is filled, and what
// must be true of them afterwards.

import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../../../tools/own-system/random.ts";
import { PARTS, RealSystem } from "../../support/real-system.ts";
import { SERVICE_KEYS } from "../../support/shop.ts";
import { check, look } from "../check.ts";
import { captureOf, type Deal, type Driver, driver, newDeal } from "../deal.ts";
import { fillFor } from "./full-disk.ts";

const AT_ONCE = 4;
const LOOK_EVERY_MS = 1_000;

/** Every so many flows one has a seller, a buyer with an address, its money refunded. */
const SOLD_EVERY = 3;
const MAILED_EVERY = 10;
const REFUNDED_EVERY = 5;

/** What may fail: a part is killed, or the disk has no space for a moment. */
export const FAULTY_PARTS = [...PARTS, "disk"] as const;

export type FaultyPart = (typeof FAULTY_PARTS)[number];

export interface FaultOptions {
  /** How many at least: they go on until something has failed. */
  readonly flows: number;
  readonly seed: number;
  /** What fails, one of them each time. */
  readonly parts: readonly FaultyPart[];
  /** A folder on a small file system for the data; the part `disk` needs it. */
  readonly disk?: string | undefined;
  /** Each service in a process of its own, or all in one. */
  readonly apart: boolean;
  /** After so many faults there are no more; no bound without it. */
  readonly mostFaults?: number;
  /** Longest pause before a flow, in milliseconds: spreads them over more faults. */
  readonly pauseMs: number;
  readonly say: (line: string) => void;
}

export interface FaultReport {
  readonly flows: number;
  /** How often each part failed. */
  readonly faults: Readonly<Record<string, number>>;
  /** Requests that got no answer, or a 5xx, and were sent again. */
  readonly repeated: number;
  /** Milliseconds from the end of the last fault until everything had settled. */
  readonly settledMs: number;
  /** Every broken promise, in words; empty when all were kept. */
  readonly violations: readonly string[];
}

/** Runs the flows and the faults side by side, then looks at every deal through the public API. */
export async function flowsUnderFaults(options: FaultOptions): Promise<FaultReport> {
  const { flows, seed, parts, disk, apart, mostFaults = Number.POSITIVE_INFINITY, say } = options;
  const random = seededRandom(seed);
  const runtimes = apart ? SERVICE_KEYS.map((key) => ({ keys: [key] })) : [{}];
  const system = await RealSystem.start({ runtimes, held: true, parent: disk });
  const faults: Record<string, number> = {};
  const deals: Deal[] = [];
  /** Those that were not yet found as they should be. */
  let open: Deal[] = [];
  let repeated = 0;
  let over = false;
  let mended = performance.now();

  async function fail(part: FaultyPart): Promise<string> {
    if (part !== "disk") return system.kill(part, random);
    await fillFor(system.dataDir, 500 + random() * 2_500);
    return "disk (no space)";
  }

  async function failing(): Promise<void> {
    for (let failed = 0; failed < mostFaults; failed += 1) {
      await sleep(300 + random() * 2_700);
      const part = parts[Math.floor(random() * parts.length)];
      if (over || part === undefined) return;
      const what = await fail(part);
      mended = performance.now();
      faults[what] = (faults[what] ?? 0) + 1;
      say(`failed: ${what} (${deals.length} flows are through)`);
    }
  }

  /** Removes settled deals while the others run, so that the last check is short. */
  async function looking(): Promise<void> {
    while (!over) {
      await sleep(LOOK_EVERY_MS);
      const looked = open.slice(0, 50);
      const unsettled = new Set((await look(looked, system)).map(({ deal }) => deal));
      open = open.filter((deal) => !looked.includes(deal) || unsettled.has(deal.label));
    }
  }

  try {
    const drive = driver(system, { onRepeat: () => (repeated += 1) });
    const background = [failing(), looking()];
    const enough = (begun: number) => begun >= flows && Object.keys(faults).length > 0;
    await inParallel(enough, AT_ONCE, async (number) => {
      await sleep(random() * options.pauseMs);
      const deal = await newDeal(system, {
        label: `flow ${number}`,
        total: "9.99",
        sold: number % SOLD_EVERY === 0,
        mailed: number % MAILED_EVERY === 0,
      });
      await flow(drive, deal, number);
      deals.push(deal);
      open.push(deal);
    });
    over = true;
    await Promise.all(background);
    const { settledAt } = await check(open, system);
    const settledMs = Math.max(0, Math.round(settledAt - mended));
    // Once more, all of them: what was done twice stays wrong however long one looks, what is still on its way arrives.
    const { violations } = await check(deals, system);
    return {
      flows: deals.length,
      faults,
      repeated,
      settledMs,
      violations: violations.map(({ sentence }) => sentence),
    };
  } finally {
    over = true;
    await system.cleanUp();
  }
}

/** Each step until it is acknowledged, as a careful client and provider do. @throws {Error} when one is refused: none deserves it. */
async function flow(drive: Driver, deal: Deal, number: number): Promise<void> {
  const acknowledged = <A extends { status: number; body: unknown }>(what: string, answer: A): A => {
    if (answer.status < 300) return answer;
    throw new Error(`${deal.label}: ${what} was refused: ${JSON.stringify(answer.body)}`);
  };
  acknowledged("the order", await drive.order(deal));
  const { body } = acknowledged("the payment", await drive.pay(deal));
  acknowledged("the callback", await drive.capture(deal, captureOf(body)));
  if (number % REFUNDED_EVERY === 0) acknowledged("the refund", await drive.refund(deal, deal.total));
}

async function inParallel(
  enough: (begun: number) => boolean,
  atOnce: number,
  work: (number: number) => Promise<void>,
): Promise<void> {
  let begun = 0;
  const worker = async () => {
    while (!enough(begun)) {
      begun += 1;
      await work(begun);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
