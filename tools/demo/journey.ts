// One order from the basket to its end, as people do it; what was acknowledged is written down for the check.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { formatAmount, type Minor, parseAmount } from "../../lib/money/money.ts";
import type { OrderRecord } from "../promises/check-records.ts";
import type { Acknowledgement, PlainStep } from "../promises/deal-record.ts";
import type { Answer, Person, Send } from "./client.ts";
import type { Counts } from "./counts.ts";
import { basket, type People } from "./people.ts";

/** What becomes of an order, with how often of a hundred. */
const ENDINGS = [
  ["paid", 20],
  ["completed", 35],
  ["declined, then paid", 12],
  ["declined, then cancelled", 6],
  ["cancelled", 8],
  ["partly refunded", 6],
  ["refunded", 6],
  ["cancelled while it is paid", 4],
  ["deleted", 3],
] as const;

export type Ending = (typeof ENDINGS)[number][0];

export interface JourneyPorts {
  readonly send: Send;
  readonly people: People;
  readonly random: () => number;
  readonly counts: Counts;
  /** Called as soon as the order is acknowledged; the record goes on growing. */
  readonly record: (order: OrderRecord) => void;
  /** Once it is aborted, nobody waits for what is to happen. */
  readonly signal: AbortSignal;
}

const LOOK_MS = 200;
const PATIENCE_MS = 30_000;

/** A record while its journey goes on. */
type Draft = {
  -readonly [Name in "paymentId" | "stranger"]: OrderRecord[Name];
} & Omit<OrderRecord, "acknowledged" | "objections" | "paymentId" | "stranger"> & {
    readonly acknowledged: Acknowledgement[];
    readonly objections: string[];
  };

/** The ending of an order, drawn. */
export function drawEnding(random: () => number): Ending {
  let left = random() * 100;
  for (const [ending, share] of ENDINGS) {
    left -= share;
    if (left < 0) return ending;
  }
  return "paid";
}

/** Takes an order to `ending`. @throws {Interrupted} when the run is over before it is there. */
export async function journey(ports: JourneyPorts, ending: Ending): Promise<void> {
  const { send, people, random, counts } = ports;
  const buyer = await people.buyer();
  const seller = people.seller();
  const created = await send(buyer, "POST", "/api/orders/", basket(buyer, seller, random), randomUUID());
  if (created.status >= 300) throw new Error(`An order was refused: ${JSON.stringify(created.body)}`);
  const orderId = String(created.body["id"]);
  const draft: Draft = {
    label: orderId,
    orderId,
    buyerId: buyer.id,
    sellerId: seller?.id,
    seller,
    email: buyer.email,
    paymentId: undefined,
    acknowledged: [{ what: "order created" }],
    objections: [],
    stranger: {},
  };
  ports.record(draft);
  counts.orders += 1;
  const path = `/api/orders/${orderId}/`;
  draft.stranger = { order: (await send(people.stranger, "GET", path)).status };

  const command = async (step: PlainStep, method: string, at: string): Promise<Answer> => {
    const answer = await send(buyer, method, at, method === "POST" ? {} : undefined);
    // An order that is deleted is not found any more, so neither is one whose deletion was not answered the first time.
    const deleted = method === "DELETE" && answer.repeated && answer.status === 404;
    if (answer.status < 300 || deleted) draft.acknowledged.push({ what: step });
    return answer;
  };
  const cancel = async () => {
    if ((await command("order cancelled", "POST", `${path}cancel/`)).status < 300) counts.cancelled += 1;
  };
  const pay = async (outcome: "success" | "failure") => {
    await beginPayment(ports, draft, buyer);
    await decide(ports, draft, buyer, outcome);
  };

  switch (ending) {
    case "cancelled":
      return cancel();
    case "deleted":
      await command("order deleted", "DELETE", path);
      return;
    case "cancelled while it is paid":
      await beginPayment(ports, draft, buyer);
      await Promise.all([cancel(), decide(ports, draft, buyer, "success")]);
      return;
    case "declined, then cancelled":
      await pay("failure");
      return cancel();
    case "declined, then paid":
      await pay("failure");
      await becomes(ports, buyer, `/api/payments/${draft.paymentId}/`, "failed");
      await pay("success");
      await becomes(ports, buyer, path, "paid");
      return;
    default:
      await pay("success");
      if (!(await becomes(ports, buyer, path, "paid"))) return;
  }
  if (ending === "completed") await command("order completed", "POST", `${path}complete/`);
  const total = parseAmount(String(created.body["total_amount"])) ?? 0;
  const giver = seller ?? people.support;
  if (ending === "refunded") await refund(ports, draft, giver, total);
  if (ending === "partly refunded") await refund(ports, draft, giver, Math.ceil(total / 2));
}

/** Presses "pay", and again while the order is not payable yet: it may not have heard that an attempt has ended. */
async function beginPayment(
  { send, people, signal }: JourneyPorts,
  draft: Draft,
  buyer: Person,
): Promise<void> {
  const body = { order_id: draft.orderId, method: "sandbox" };
  const press = () => send(buyer, "POST", "/api/payments/", body, randomUUID());
  const deadline = performance.now() + PATIENCE_MS;
  let begun = await press();
  while (begun.status === 409 && performance.now() < deadline && !signal.aborted) {
    await sleep(LOOK_MS);
    begun = await press();
  }
  if (begun.status >= 300) {
    if (begun.status !== 409) draft.objections.push(`a payment was refused: ${JSON.stringify(begun.body)}`);
    return;
  }
  draft.paymentId = String(begun.body["id"]);
  draft.acknowledged.push({ what: "payment begun" });
  const seen = await send(people.stranger, "GET", `/api/payments/${draft.paymentId}/`);
  draft.stranger = { ...draft.stranger, payment: seen.status };
}

async function decide(
  { send, counts }: JourneyPorts,
  { paymentId }: Draft,
  buyer: Person,
  outcome: "success" | "failure",
): Promise<void> {
  if (paymentId === undefined) return;
  const answer = await send(buyer, "POST", `/api/payments/${paymentId}/simulate/`, { outcome });
  if (answer.status >= 300) return;
  if (outcome === "success") counts.paid += 1;
  else counts.declined += 1;
}

async function refund(
  { send, counts }: JourneyPorts,
  draft: Draft,
  giver: Person,
  amount: Minor,
): Promise<void> {
  const key = randomUUID();
  const body = { amount: formatAmount(amount), reason: "sent back" };
  const answer = await send(giver, "POST", `/api/payments/${draft.paymentId}/refund/`, body, key);
  if (answer.status >= 300) {
    draft.objections.push(`a refund was refused: ${JSON.stringify(answer.body)}`);
    return;
  }
  draft.acknowledged.push({ what: "refund taken", key, amount });
  counts.refunded += 1;
}

/** Looks until `path` has `status`; false when that takes too long, which the check will say. */
async function becomes(
  { send, signal }: JourneyPorts,
  person: Person,
  path: string,
  status: string,
): Promise<boolean> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline && !signal.aborted) {
    if ((await send(person, "GET", path)).body["status"] === status) return true;
    await sleep(LOOK_MS);
  }
  return false;
}
