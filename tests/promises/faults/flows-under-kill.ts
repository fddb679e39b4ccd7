// Flows create → pay → callback (→ refund) while parts of the system are killed at random, and what must be true of them
// afterwards.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createTokens } from "../../../lib/auth/tokens.ts";
import { seededRandom } from "../../support/random.ts";
import { check, look } from "../check.ts";
import { captureOf, type Deal, type Driver, driver, newDeal } from "../deal.ts";
import type { Part } from "./parts.ts";
import { startTarget, type Target } from "./target.ts";

const SANDBOX_SECRET = "faults-secret";
const SECRET_KEY = "a secret of the tests of faults alone";
const AT_ONCE = 4;
const FLOW_WITHIN_MS = 180_000;
/** What everything must have settled within, once the last part runs again. */
const SETTLED_WITHIN_MS = 10_000;
/** How long it is watched beyond that, to say how long it took. */
const WATCHED_MS = 60_000;
const LOOK_EVERY_MS = 1_000;
const HOUR_S = 3_600;

/** Every so many flows one has a seller, a buyer with an address, its money given back. */
const SOLD_EVERY = 3;
const MAILED_EVERY = 10;
const REFUNDED_EVERY = 5;

export interface KillOptions {
  /** How many at least: they go on until something was killed. */
  readonly flows: number;
  readonly seed: number;
  /** What is killed, one of them each time. */
  readonly parts: readonly Part[];
  /** Each service in a process of its own, or all in one. */
  readonly apart: boolean;
  /** After so many kills there are no more; no bound without it. */
  readonly mostKills?: number;
  /** Longest pause before a flow, in milliseconds: spreads them over more kills. */
  readonly pauseMs: number;
  readonly say: (line: string) => void;
}

export interface KillReport {
  readonly flows: number;
  readonly kills: Readonly<Record<string, number>>;
  /** Requests that got no answer, or a 5xx, and were sent again. */
  readonly repeated: number;
  /** Milliseconds from the last restart until everything had settled. */
  readonly settledMs: number;
  /** Every broken promise, in words; empty when all were kept. */
  readonly violations: readonly string[];
}

/** Runs the flows and the killing side by side, then looks at every deal through the public API. */
export async function flowsUnderKill(options: KillOptions): Promise<KillReport> {
  const { flows, seed, parts, apart, mostKills = Number.POSITIVE_INFINITY, say } = options;
  const random = seededRandom(seed);
  const target = await startTarget({ apart, env: { SANDBOX_SECRET, SECRET_KEY } });
  const { urls, mailUrl } = target;
  const view = { urls, mailUrl };
  const kills: Record<string, number> = {};
  const deals: Deal[] = [];
  /** Those that were not yet seen as they should be. */
  let open: Deal[] = [];
  let repeated = 0;
  let over = false;
  let restarted = performance.now();

  async function killing(): Promise<void> {
    for (let killed = 0; killed < mostKills; killed += 1) {
      await sleep(300 + random() * 2_700);
      const part = parts[Math.floor(random() * parts.length)];
      if (over || part === undefined) return;
      const what = await target.kill(part, random);
      restarted = performance.now();
      kills[what] = (kills[what] ?? 0) + 1;
      say(`killed: ${what} (${deals.length} flows are through)`);
    }
  }

  /** Sorts out what has settled while the rest goes on, so that the last look is short. */
  async function looking(): Promise<void> {
    while (!over) {
      await sleep(LOOK_EVERY_MS);
      const looked = open.slice(0, 50);
      const unsettled = new Set((await look(looked, view)).map(({ deal }) => deal));
      open = open.filter((deal) => !looked.includes(deal) || unsettled.has(deal.label));
    }
  }

  try {
    const drive = driver({
      urls,
      secret: SANDBOX_SECRET,
      withinMs: FLOW_WITHIN_MS,
      onRepeat: () => (repeated += 1),
    });
    const background = [killing(), looking()];
    const enough = (begun: number) => begun >= flows && Object.keys(kills).length > 0;
    await inParallel(enough, AT_ONCE, async (number) => {
      await sleep(random() * options.pauseMs);
      const deal = await dealOf(target, number);
      await flow(drive, deal, number);
      deals.push(deal);
      open.push(deal);
    });
    over = true;
    await Promise.all(background);
    const last = await check(open, { ...view, withinMs: WATCHED_MS });
    const settledMs = Math.max(0, Math.round(last.settledAt - restarted));
    const sentences = (await look(deals, view)).map(({ sentence }) => sentence);
    const late = settledMs > SETTLED_WITHIN_MS ? [`it took ${settledMs} ms to settle`] : [];
    return { flows: deals.length, kills, repeated, settledMs, violations: [...sentences, ...late] };
  } finally {
    over = true;
    await target.cleanUp();
  }
}

async function dealOf({ urls }: Target, number: number): Promise<Deal> {
  const given = { label: `flow ${number}`, total: "9.99", sold: number % SOLD_EVERY === 0 };
  if (number % MAILED_EVERY !== 0) return newDeal(urls, given);
  const user = randomUUID();
  const email = `${user}@shop.example`;
  const tokens = createTokens({ SECRET_KEY, TOKEN_AUDIENCE: "cfmp-order" });
  const authorization = `Bearer ${await tokens.mintUser({ sub: user, email }, HOUR_S)}`;
  return newDeal(urls, { ...given, mailed: { user, email, credentials: { authorization } } });
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
