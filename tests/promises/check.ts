// Looks at deals through the public API and the mail catcher until every promise is kept, or time is over.

import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { send, shop, type Urls } from "../support/shop.ts";
import type { Deal } from "./deal.ts";
import { judge, type Seen, type Violation } from "./promises.ts";

export interface CheckOptions {
  readonly urls: Urls;
  /** The page of the mail catcher. */
  readonly mailUrl: string;
  /** How long the system may take to settle, in milliseconds. */
  readonly withinMs?: number;
  /** After all is well: how long to wait before looking once more for what was done twice. */
  readonly againAfterMs?: number;
}

export interface Checked {
  readonly violations: readonly Violation[];
  /** When the last deal was first seen as it should be, by `performance.now()`. */
  readonly settledAt: number;
}

const AT_ONCE = 8;
const PAUSE_MS = 100;

/** The promises that are still broken after `withinMs`, or that came to be broken after they were all kept. */
export async function check(deals: readonly Deal[], options: CheckOptions): Promise<Checked> {
  const { withinMs = 15_000, againAfterMs = 0 } = options;
  const deadline = performance.now() + withinMs;
  let open = deals;
  let violations = await look(open, options);
  while (violations.length > 0 && performance.now() < deadline) {
    await sleep(PAUSE_MS);
    const unsettled = new Set(violations.map(({ deal }) => deal));
    open = open.filter(({ label }) => unsettled.has(label));
    violations = await look(open, options);
  }
  const settledAt = performance.now();
  if (violations.length > 0 || againAfterMs === 0) return { violations, settledAt };
  await sleep(againAfterMs);
  return { violations: await look(deals, options), settledAt };
}

/** The promises that are broken as of now. */
export async function look(
  deals: readonly Deal[],
  options: Pick<CheckOptions, "urls" | "mailUrl">,
): Promise<readonly Violation[]> {
  const mailed = deals.some(({ email }) => email !== undefined);
  const mails = mailed ? await mailsOf(options.mailUrl).catch(() => undefined) : new Map();
  const waiting = [...deals];
  const found: Violation[] = [];
  const looker = async () => {
    for (let deal = waiting.shift(); deal; deal = waiting.shift()) {
      try {
        if (!mails) throw new Error("the mail catcher does not answer");
        found.push(...judge(deal, await observe(deal, options.urls, mails.get(deal.email ?? "") ?? [])));
      } catch (error) {
        const sentence = `${deal.label}: it can't be looked at (${String(error)})`;
        found.push({ promise: "durable", deal: deal.label, sentence });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, looker));
  return found;
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

async function observe(deal: Deal, urls: Urls, mails: readonly string[]): Promise<Seen> {
  const { buyer, seller, orderId, paymentId } = deal;
  const stranger = shop(urls);
  const payment = (who: typeof buyer) => (paymentId === undefined ? undefined : who.readPayment(paymentId));
  const [order, paid, orders, payments, toBuyer, toSeller, strangeOrder, strangePayment] = await Promise.all([
    buyer.readOrder(orderId ?? ""),
    payment(buyer),
    buyer.orders("?limit=100"),
    buyer.call("GET", `${urls.payments}/api/payments/?limit=100`),
    buyer.notifications(),
    seller?.notifications(),
    stranger.readOrder(orderId ?? ""),
    payment(stranger),
  ]);
  return {
    order: order.status === 404 ? undefined : seenOrder.parse(order.body),
    payment: paid === undefined || paid.status === 404 ? undefined : seenPayment.parse(paid.body),
    orders: ids.parse(orders.body.items),
    payments: ids.parse(payments.body.items),
    told: { buyer: notifications.parse(toBuyer), seller: notifications.parse(toSeller ?? []) },
    stranger: { order: strangeOrder.status, payment: strangePayment?.status ?? 404 },
    mails,
  };
}

const caught = z.object({ items: z.array(z.object({ to: z.string(), message_id: z.string() })) });

/** Message-IDs by address. */
async function mailsOf(mailUrl: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const { body } = await send("GET", `${mailUrl}/api/messages`);
  const mails = new Map<string, string[]>();
  for (const { to, message_id } of caught.parse(body).items) {
    mails.set(to, [...(mails.get(to) ?? []), message_id]);
  }
  return mails;
}
