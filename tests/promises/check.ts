// Looks at deals through the public API and the mail catcher until every promise is kept, or time is over.

import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { judge, type Seen, type Violation } from "../../tools/promises/judge.ts";
import { itemsIn, shop } from "../support/shop.ts";
import type { SystemUnderTest } from "../support/system-under-test.ts";
import type { Deal } from "./deal.ts";

export interface CheckOptions {
  /** How long the system may take to settle, in milliseconds. */
  readonly withinMs?: number;
  /** After all is well: how long to wait before looking once more for what was done twice. */
  readonly againAfterMs?: number;
}

export interface Checked {
  readonly violations: readonly Violation[];
  /** When the last deal was first found as it should be, by `performance.now()`. */
  readonly settledAt: number;
}

const AT_ONCE = 8;
const PAUSE_MS = 100;
/** Longer than the pause between two sweeps: what would be done twice is done by then. */
export const SWEPT_MS = 2_500;
const SETTLED_WITHIN_MS = 120_000;

/** The promises that are still broken after `withinMs`, or that came to be broken after they were all kept. */
export async function check(
  deals: readonly Deal[],
  system: SystemUnderTest,
  { withinMs = SETTLED_WITHIN_MS, againAfterMs = 0 }: CheckOptions = {},
): Promise<Checked> {
  const deadline = performance.now() + withinMs;
  let open = deals;
  let violations = await look(open, system);
  while (violations.length > 0 && performance.now() < deadline) {
    await sleep(PAUSE_MS);
    const unsettled = new Set(violations.map(({ deal }) => deal));
    open = open.filter(({ label }) => unsettled.has(label));
    violations = await look(open, system);
  }
  const settledAt = performance.now();
  if (violations.length > 0 || againAfterMs === 0) return { violations, settledAt };
  await sleep(againAfterMs);
  return { violations: await lookOnce(deals, system), settledAt };
}

/** The promises that are broken as of now; where a deal can't be looked at, its durability counts as broken. */
export const look = (deals: readonly Deal[], system: SystemUnderTest): Promise<readonly Violation[]> =>
  lookUntil(performance.now(), deals, system);

/** As {@link look}, for those who do not look again: a deal that can't be looked at, as on a machine that does much else, is tried for a while. */
export const lookOnce = (deals: readonly Deal[], system: SystemUnderTest): Promise<readonly Violation[]> =>
  lookUntil(performance.now() + SETTLED_WITHIN_MS, deals, system);

async function lookUntil(
  deadline: number,
  deals: readonly Deal[],
  system: SystemUnderTest,
): Promise<readonly Violation[]> {
  const mailed = deals.some(({ email }) => email !== undefined);
  const mails = mailed ? await tried(deadline, () => system.mails()).catch(() => undefined) : new Map();
  const waiting = [...deals];
  const found: Violation[] = [];
  const looker = async () => {
    for (let deal = waiting.shift(); deal; deal = waiting.shift()) {
      const { email, label } = deal;
      const one = deal;
      try {
        if (!mails) throw new Error("the mail catcher does not answer");
        const seen = await tried(deadline, () => observe(one, system, mails.get(email ?? "") ?? []));
        found.push(...judge(deal, seen));
      } catch (error) {
        const sentence = `${label}: it can't be checked (${String(error)})`;
        found.push({ promise: "durable", deal: label, sentence });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, looker));
  return found;
}

/** What `ask` gives, which is repeated until `deadline` while it fails; at least once. */
async function tried<T>(deadline: number, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

const notifications = z.array(
  z.object({ id: z.string(), event: z.string(), related_id: z.string().nullable() }),
);
const ids = z.array(z.object({ id: z.string() })).transform((items) => items.map(({ id }) => id));
const history = z.array(z.object({ status: z.string(), note: z.string() }));
const seenOrder = z.object({
  status: z.string(),
  total_amount: z.string(),
  payment_id: z.string().nullable(),
  history,
});
const seenPayment = z.object({
  status: z.string(),
  refunds: z.array(z.object({ amount: z.string(), automatic: z.boolean(), status: z.string() })),
  history,
});

async function observe(deal: Deal, system: SystemUnderTest, mails: readonly string[]): Promise<Seen> {
  const { buyer, seller, orderId, paymentId } = deal;
  const stranger = shop(system);
  const payment = (who: typeof buyer) => (paymentId === undefined ? undefined : who.readPayment(paymentId));
  const [order, paid, orders, payments, toBuyer, toSeller, strangeOrder, strangePayment] = await Promise.all([
    buyer.readOrder(orderId ?? ""),
    payment(buyer),
    buyer.orders("?limit=100"),
    buyer.payments("?limit=100"),
    buyer.notifications(),
    seller?.notifications(),
    stranger.readOrder(orderId ?? ""),
    payment(stranger),
  ]);
  return {
    order: order.status === 404 ? undefined : seenOrder.parse(order.body),
    payment: paid === undefined || paid.status === 404 ? undefined : seenPayment.parse(paid.body),
    orders: ids.parse(itemsIn(orders)),
    payments: ids.parse(itemsIn(payments)),
    notified: { buyer: notifications.parse(toBuyer), seller: notifications.parse(toSeller ?? []) },
    stranger: { order: strangeOrder.status, payment: strangePayment?.status ?? 404 },
    mails,
  };
}
