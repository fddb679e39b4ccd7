// Flows create → pay → callback (→ refund) while something happens to the system, and what must be true of them afterwards.

import { setTimeout as sleep } from "node:timers/promises";
import type { SystemUnderTest } from "../../support/system-under-test.ts";
import { check, look } from "../check.ts";
import { captureOf, type Deal, type Driver, driver, newDeal } from "../deal.ts";

const AT_ONCE = 4;
const LOOK_EVERY_MS = 1_000;

/** Every so many flows one has a seller, a buyer with an address, its money refunded. */
const SOLD_EVERY = 3;
const MAILED_EVERY = 10;
const REFUNDED_EVERY = 5;

export interface FlowOptions {
  /** How many at least: they go on until enough has happened. */
  readonly flows: number;
  readonly random: () => number;
  /** Longest pause before a flow, in milliseconds: spreads them over more of what happens. */
  readonly pauseMs: number;
}

/** What happens beside the flows. */
export interface Happening {
  /** Goes on until it has done all of its work, or `over()` is true. */
  run(over: () => boolean, through: () => number): Promise<void>;
  /** Whether the flows may end. */
  enough(): boolean;
}

export interface FlowReport {
  readonly flows: number;
  /** What requests got that were sent again: no answer, or a 5xx. */
  readonly repeated: readonly string[];
  /** When everything had settled, by `performance.now()`. */
  readonly settledAt: number;
  /** Every broken promise, in words; empty when all were kept. */
  readonly violations: readonly string[];
}

/** Runs the flows and what happens side by side, then looks at every deal through the public API. */
export async function flowsBeside(
  system: SystemUnderTest,
  { flows, random, pauseMs }: FlowOptions,
  { run, enough }: Happening,
): Promise<FlowReport> {
  const deals: Deal[] = [];
  /** Those that were not yet found as they should be. */
  let open: Deal[] = [];
  const repeated: string[] = [];
  let over = false;

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
    const drive = driver(system, { onRepeat: (got) => repeated.push(got) });
    const background = Promise.all([
      run(
        () => over,
        () => deals.length,
      ),
      looking(),
    ]);
    const through = (begun: number) => begun >= flows && enough();
    const load = inParallel(through, AT_ONCE, async (number) => {
      await sleep(random() * pauseMs);
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
    // What goes wrong in the background ends the flows, which would wait for it for ever.
    await Promise.race([load, background.then(() => load)]);
    over = true;
    await background;
    const { settledAt } = await check(open, system);
    // Once more, all of them: what was done twice stays wrong however long one looks, what is still on its way arrives.
    const { violations } = await check(deals, system);
    return {
      flows: deals.length,
      repeated,
      settledAt,
      violations: violations.map(({ sentence }) => sentence),
    };
  } finally {
    over = true;
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
