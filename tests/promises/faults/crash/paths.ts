// The ways through the system on which processes are crashed.

import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "../../../support/shop.ts";
import { captureOf, type Deal } from "../../deal.ts";
import {
  connect,
  connectAndLeave,
  disconnect,
  sellerComesAndGoes,
  subscribe,
  subscribeAndLeave,
  unpushed,
  unsent,
} from "./push-parties.ts";
import type { Rig } from "./rig.ts";
import { asTheFirst, register, untold } from "./webhook-party.ts";

export interface Path {
  readonly name: string;
  /** What comes before, without a crash. */
  before(rig: Rig, deal: Deal): Promise<void>;
  /** What is done while the crash may come; everything is repeated until it is answered. */
  during(rig: Rig, deal: Deal): Promise<void>;
  /** What the world does afterwards in any case. */
  after?(rig: Rig, deal: Deal): Promise<void>;
  /** What else must hold in the end, once it has settled: sentences about what does not. */
  objections?(rig: Rig, deal: Deal): Promise<readonly string[]>;
  /** Takes back what {@link before} has opened. */
  close?(deal: Deal): void;
  /** True where it is a sweep that finds the work: then the looks at the indexes are points, too. */
  readonly swept?: boolean;
  /** Settings besides those of every rig. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** What the provider captured for a deal, to be reported after a crash as before it. */
const captures = new WeakMap<Deal, ReturnType<typeof captureOf>>();

/** @throws {Error} when a step is refused that should succeed: the path would not match its name. */
async function taken(what: string, pending: Promise<Answer>): Promise<Answer> {
  const answer = await pending;
  if (answer.status < 300) return answer;
  throw new Error(`${what} was refused: ${answer.status} ${JSON.stringify(answer.body)}`);
}

async function order({ drive }: Rig, deal: Deal): Promise<void> {
  await taken("The order", drive.order(deal));
}

async function pay({ drive }: Rig, deal: Deal): Promise<void> {
  const { body } = await taken("The payment", drive.pay(deal));
  captures.set(deal, captureOf(body));
}

/** The provider sends its callback until it is accepted. */
async function reportCapture({ drive }: Rig, deal: Deal): Promise<void> {
  const capture = captures.get(deal);
  if (!capture) throw new Error(`${deal.label} was not begun to be paid`);
  await taken("The callback", drive.capture(deal, capture));
}

const all =
  (...steps: readonly Path["during"][]): Path["during"] =>
  async (rig, deal) => {
    for (const step of steps) await step(rig, deal);
  };

/** Done already when the answer to it was lost in a crash. */
async function unlessDone(
  deal: Deal,
  what: "order cancelled" | "order completed" | "payment cancelled",
  step: () => Promise<{ status: number }>,
  done: () => Promise<boolean>,
): Promise<void> {
  const { status } = await step();
  if (status === 409 && (await done())) deal.acknowledged.push({ what });
}

const cancel = (rig: Rig, deal: Deal): Promise<void> =>
  unlessDone(
    deal,
    "order cancelled",
    () => rig.drive.cancel(deal),
    async () => (await deal.buyer.readOrder(deal.orderId ?? "")).body.status === "cancelled",
  );

const complete = (rig: Rig, deal: Deal): Promise<void> =>
  unlessDone(
    deal,
    "order completed",
    () => rig.drive.complete(deal),
    async () => (await deal.buyer.readOrder(deal.orderId ?? "")).body.status === "completed",
  );

const cancelPayment = (rig: Rig, deal: Deal): Promise<void> =>
  unlessDone(
    deal,
    "payment cancelled",
    () => rig.drive.cancelPayment(deal),
    async () => (await deal.buyer.readPayment(deal.paymentId ?? "")).body.status === "cancelled",
  );

/** Longer than a process believes that nobody has subscribed. */
const SUBSCRIBED_MS = 1_200;

/** What is recorded within a second of the first subscription of all may go to no browser. */
const untilAllKnow = async (): Promise<void> => void (await sleep(SUBSCRIBED_MS));

/** Longer than the time in which only a hint delivers new events. */
const GRACE_MS = 1_500;
/** The shortest lives there are, and a bit more. */
const SHORT_LIVES = { ORDER_EXPIRY_MINUTES: "1", PAYMENT_EXPIRY_MINUTES: "1" };
const LIFETIME_MS = 61_000;

/** All that waits for a sweep gets one, and what follows from it another. Without a process there is nobody to sweep. */
async function sweepTwice(rig: Rig): Promise<void> {
  try {
    await rig.sweep();
    await rig.advance(GRACE_MS);
    await rig.sweep();
  } catch {
    // It crashed, and sweeps when it starts again.
  }
}

export const PATHS: readonly Path[] = [
  { name: "create", before: async () => {}, during: order },
  { name: "pay", before: all(order), during: pay, after: reportCapture },
  { name: "callback", before: all(order, pay), during: reportCapture },
  {
    name: "sandbox callback",
    before: all(order, pay),
    during: async ({ drive }, deal) => void (await taken("The decision", drive.simulate(deal))),
  },
  {
    name: "relay by sweep",
    before: async (rig, deal) => {
      await all(order, pay)(rig, deal);
      await rig.quiet();
      await rig.loseHints(true);
      await reportCapture(rig, deal);
      await rig.advance(GRACE_MS);
    },
    during: sweepTwice,
    swept: true,
  },
  {
    name: "refund",
    before: all(order, pay, reportCapture),
    during: async ({ drive }, deal) => void (await taken("The refund", drive.refund(deal, deal.total))),
  },
  { name: "late capture", before: all(order, pay, cancel), during: reportCapture },
  { name: "cancel", before: all(order, pay), during: cancel, after: reportCapture },
  { name: "cancel payment", before: all(order, pay), during: cancelPayment, after: reportCapture },
  {
    name: "complete",
    before: all(order, pay, reportCapture),
    during: complete,
  },
  {
    name: "subscribe",
    before: async () => {},
    during: subscribe,
    after: all(untilAllKnow, order),
    objections: unpushed,
  },
  {
    name: "web push",
    before: all(subscribe, subscribeAndLeave, untilAllKnow),
    during: order,
    objections: unpushed,
  },
  {
    name: "connect",
    // The first connection of all writes that there are any: not those of the deals.
    before: sellerComesAndGoes,
    during: all(connect, connectAndLeave),
    after: order,
    objections: unsent,
    close: disconnect,
  },
  {
    name: "live push",
    before: connect,
    during: order,
    objections: unsent,
    close: disconnect,
  },
  {
    name: "register webhook",
    before: asTheFirst,
    during: register,
    after: all(order, cancel),
    objections: untold,
  },
  {
    name: "webhook",
    before: register,
    during: all(order, cancel),
    objections: untold,
  },
  {
    name: "expire",
    before: async (rig, deal) => {
      await all(order, pay)(rig, deal);
      await rig.advance(LIFETIME_MS);
    },
    during: sweepTwice,
    after: reportCapture,
    swept: true,
    settings: SHORT_LIVES,
  },
];
