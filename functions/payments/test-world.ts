// What tests of PaymentService share: the service over tables in memory that count, with peers that can be made to fail.

import type { User } from "../../lib/auth/caller.ts";
import type { TokenScope } from "../../lib/auth/scopes.ts";
import type { BodyInput } from "../../lib/contract/route.ts";
import { openScope } from "../../lib/core/scope.ts";
import { PeerUnavailable } from "../../lib/discovery/peer/peer.ts";
import { PARKED_SHARDS } from "../../lib/storage/due-shards.ts";
import { countingTable } from "../../tests/support/counting-table.ts";
import { memoryTable } from "../../tests/support/memory-table.ts";
import type { notifications } from "../notifications/contract.ts";
import type { orders } from "../orders/contract.ts";
import { handle as take } from "./handlers/callback.ts";
import { handle as create } from "./handlers/create-payment.ts";
import type { Payment, PaymentMethod } from "./payment.ts";
import { paymentIdFor } from "./payment-store.ts";
import type { PaymentPorts } from "./ports.ts";
import { createSandbox } from "./providers/sandbox/sandbox.ts";
import { SIGNATURE_HEADER, signCallback } from "./providers/sandbox/signature.ts";
import { createPaymentService } from "./service.ts";
import type { UnmatchedTransaction } from "./unmatched.ts";

export const MINUTE = 60_000;
export const ORDER_ID = "0190a000-0000-7000-8000-000000000001";
export const PAYMENT_ID = paymentIdFor(ORDER_ID);
/** What the tests' order costs: 100.00 CNY. */
export const TOTAL = 10_000;
export const SECRET = "sandbox-secret";

export const scope = openScope("PaymentService", "test");

export const user = (id: string, scopes: readonly TokenScope[] = []): User => ({
  kind: "user",
  id,
  scopes: new Set(scopes),
});

export const buyer = user("buyer");
export const seller = user("seller", ["sell"]);

/** A service with tables, peers and a clock of its own. */
export function testWorld(options: Partial<Pick<PaymentPorts, "debug" | "providers">> = {}) {
  const clock = { time: Date.parse("2026-11-01T12:00:00.000Z") };
  const now = () => clock.time;
  const operations: string[] = [];
  const hints: string[] = [];
  const order = fakeOrder();
  const parties = fakeParties();
  const charges: string[] = [];
  const callbacks: { refused: boolean; taken: number; references: unknown[] } = {
    refused: false,
    taken: 0,
    references: [],
  };

  const paymentTable = memoryTable();
  const sandboxTable = memoryTable();
  const sandbox = createSandbox({
    table: sandboxTable,
    secrets: [SECRET],
    now,
    async call(_service, { headers, body, path }) {
      if (callbacks.refused) return { status: 503, headers: {}, body: "" };
      if (path !== "/api/payments/callback/sandbox/") return { status: 404, headers: {}, body: "" };
      callbacks.taken += 1;
      callbacks.references.push(JSON.parse(body ?? "{}").reference);
      const reply = await take(service, {
        params: { method: "sandbox" },
        headers,
        rawBody: body ?? "",
        scope,
      });
      return { status: reply.status, headers: {}, body: "" };
    },
    hint: async (reference) => {
      charges.push(reference);
    },
  });
  const service = createPaymentService({
    table: countingTable(paymentTable, operations),
    unmatched: memoryTable(),
    orders: order.client,
    notifications: parties.client,
    providers: options.providers ?? new Map([["sandbox", sandbox.provider]]),
    decide: sandbox.decide,
    cursorKeys: [new Uint8Array(32).fill(7)],
    lifetime: 15 * MINUTE,
    debug: options.debug ?? false,
    now,
    hint: async (id) => {
      hints.push(id);
    },
  });

  return {
    service,
    sandbox,
    paymentTable,
    sandboxTable,
    clock,
    operations,
    hints,
    charges,
    callbacks,
    order,
    parties,
    /** Begins to pay the test's order; `key` is an Idempotency-Key. */
    pay: (key?: string, body: { amount?: number; method?: PaymentMethod; order_id?: string } = {}) =>
      create(service, {
        body: { order_id: ORDER_ID, method: "sandbox", ...body },
        user: buyer,
        scope,
        idempotencyKey: key,
      }),
    /** Sends a callback as the provider would. */
    callback: (reference: string, changes: object = {}, sentAt = now()) => {
      const body = callbackText(reference, changes);
      return take(service, {
        params: { method: "sandbox" },
        headers: { [SIGNATURE_HEADER]: signCallback(SECRET, body, sentAt) },
        rawBody: body,
        scope,
      });
    },
    /** The payment as it is stored. */
    async stored(): Promise<Payment> {
      const payment = await service.store.read(PAYMENT_ID);
      if (!payment) throw new Error("There is no payment");
      return payment;
    },
    /** Reference of the latest attempt. */
    async reference(): Promise<string> {
      const payment = await service.store.readRecent(PAYMENT_ID);
      const attempt = payment?.attempts.at(-1);
      if (!attempt) throw new Error("There is no attempt");
      return attempt.reference;
    },
    relay: () => service.relay.relay(PAYMENT_ID),
    /** What was reported of money, and no payment could take; it is all parked. */
    async unmatched(): Promise<UnmatchedTransaction[]> {
      const pages = await Promise.all(PARKED_SHARDS.map((shard) => service.unmatched.parked(shard, 100)));
      const kept = await Promise.all(
        pages.flatMap(({ items }) => items).map((id) => service.unmatched.read(id)),
      );
      return kept.flatMap((transaction) => transaction ?? []);
    },
  };
}

export type TestWorld = ReturnType<typeof testWorld>;

/** The text of a callback about `reference`: a success over the whole amount unless `changes` say otherwise. */
export const callbackText = (reference: string, changes: object = {}): string =>
  JSON.stringify({
    reference,
    transaction_id: "t-1",
    outcome: "success",
    amount: "100.00",
    currency: "CNY",
    occurred_at: "2026-11-01T12:00:00.000Z",
    ...changes,
  });

type PaymentEvent = BodyInput<typeof orders.routes.applyPaymentEvent>;
type Lease = BodyInput<typeof orders.routes.grantPaymentLease>;
type Fact = BodyInput<typeof notifications.routes.recordEvent>;

/** An order of {@link TOTAL} that accepts every payment unless it is set to refuse. */
function fakeOrder() {
  const order = {
    down: false,
    refusal: undefined as Error | undefined,
    verdict: "accepted" as "accepted" | "refund",
    total: TOTAL,
    /** When the order last changed, by its own clock; undefined as in earlier versions. */
    changed_at: undefined as string | undefined,
    events: [] as PaymentEvent[],
    leases: [] as Lease[],
  };
  const client: PaymentPorts["orders"] = {
    async grantPaymentLease({ body }) {
      if (body) order.leases.push(body);
      if (order.down) throw new PeerUnavailable("OrderService", "down", { maybeSent: false });
      if (order.refusal) throw order.refusal;
      return {
        order_id: ORDER_ID,
        buyer_id: "buyer",
        seller_id: "seller",
        amount: order.total,
        currency: "CNY",
        email: "buyer@example.com",
        locale: "zh-CN",
        ...(order.changed_at === undefined ? {} : { changed_at: order.changed_at }),
      };
    },
    async applyPaymentEvent({ body }) {
      if (order.down || !body) throw new PeerUnavailable("OrderService", "down", { maybeSent: true });
      order.events.push(body);
      const verdict = body.state === "captured" ? order.verdict : "accepted";
      const reason = verdict === "refund" ? "the order is cancelled" : "paid";
      return order.changed_at === undefined
        ? { verdict, reason }
        : { verdict, reason, changed_at: order.changed_at };
    },
  };
  return Object.assign(order, { client });
}

function fakeParties() {
  const parties = { down: false, facts: [] as Fact[] };
  const client: PaymentPorts["notifications"] = {
    async recordEvent({ body }) {
      if (parties.down || !body)
        throw new PeerUnavailable("NotificationService", "down", { maybeSent: true });
      parties.facts.push(body);
      return { recorded: body.parties.length };
    },
  };
  return Object.assign(parties, { client });
}
