import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { cancelOrder, completeOrder, deleteOrder, editOrder, expireOrder, type Order } from "./order.ts";
import { applyPaymentEvent, type PaymentEvent, verdictOn } from "./order-payment.ts";
import { giveLeaseBack, grantPaymentLease } from "./payment-lease.ts";
import { LIFETIME, MINUTE, NOW, newOrder, orderAt } from "./test-orders.ts";

const PAYMENT = "0190a000-0000-7000-8000-0000000000aa";
const refusal = (code: string) => expect.objectContaining({ name: "DomainError", code });
const iso = (time: number) => new Date(time).toISOString();

const event = (given: Partial<PaymentEvent> = {}): PaymentEvent => ({
  payment_id: PAYMENT,
  seq: 2,
  attempt: 1,
  state: "captured",
  captured_amount: 10_000,
  refunded_amount: 0,
  currency: "CNY",
  ...given,
});
const attempt = (given: Partial<Parameters<typeof grantPaymentLease>[1]> = {}) => ({
  payment_id: PAYMENT,
  user_id: "buyer",
  amount: undefined,
  lease_until: iso(NOW + 15 * MINUTE),
  ...given,
});
const apply = (order: Order, event: PaymentEvent) => applyPaymentEvent(order, event, NOW);

describe("a payment lease", () => {
  test("lasts until the attempt's end, and is one revision", () => {
    const opened = grantPaymentLease(newOrder(), attempt(), NOW);
    expect(opened.payment).toMatchObject({ id: PAYMENT, lease_until: iso(NOW + 15 * MINUTE) });
    expect(opened.revision).toBe(2);
    const later = grantPaymentLease(opened, attempt({ lease_until: iso(NOW + 20 * MINUTE) }), NOW);
    expect(later.payment?.lease_until).toBe(iso(NOW + 20 * MINUTE));
    expect(later.revision).toBe(2);
  });

  test("requested twice within a minute changes nothing, and never becomes shorter", () => {
    const opened = grantPaymentLease(newOrder(), attempt(), NOW);
    expect(grantPaymentLease(opened, attempt({ lease_until: iso(NOW + 16 * MINUTE) }), NOW)).toBe(opened);
    expect(grantPaymentLease(opened, attempt({ lease_until: iso(NOW + MINUTE) }), NOW)).toBe(opened);
  });

  test("given back leaves an order that knows of no payment, and says so", () => {
    const opened = grantPaymentLease(newOrder(), attempt({ holder: "a" }), NOW);
    const { payment, history, revision } = giveLeaseBack(opened, "a", NOW);
    expect([payment, revision]).toEqual([null, 3]);
    expect(history.map(({ note }) => note)).toEqual(["created", "payment begun", "payment not begun"]);
    // The next request is again the first that the order hears of.
    const again = grantPaymentLease(giveLeaseBack(opened, "a", NOW), attempt({ holder: "b" }), NOW);
    expect(giveLeaseBack(again, "b", NOW).payment).toBeNull();
  });

  test("given back after an earlier attempt leaves what the order knows of that", () => {
    const ended = apply(
      grantPaymentLease(newOrder(), attempt({ holder: "a" }), NOW),
      event({ state: "ended" }),
    );
    const next = attempt({ holder: "b", fencing_seq: 2 });
    const opened = grantPaymentLease(ended, next, NOW);
    // Its answer was lost, and it was requested once more.
    expect(grantPaymentLease(opened, next, NOW)).toBe(opened);
    const { payment, revision } = giveLeaseBack(opened, "b", NOW);
    expect(payment).toEqual({ ...ended.payment, lease_until: null, fencing_seq: 2 });
    expect(revision).toBe(ended.revision);
  });

  test.each<[string, (opened: Order) => Order]>([
    ["another request for it", (opened) => grantPaymentLease(opened, attempt({ holder: "b" }), NOW)],
    ["one of the version before", (opened) => grantPaymentLease(opened, attempt(), NOW)],
    [
      "a longer one for another",
      (opened) =>
        grantPaymentLease(opened, attempt({ holder: "b", lease_until: iso(NOW + 60 * MINUTE) }), NOW),
    ],
    [
      "an attempt that goes on",
      (opened) => apply(opened, event({ state: "open", lease_until: iso(NOW + MINUTE) })),
    ],
    [
      "a new one after its end",
      (opened) => {
        const later = NOW + 16 * MINUTE;
        return grantPaymentLease(opened, attempt({ holder: "b", lease_until: iso(later + MINUTE) }), later);
      },
    ],
  ])("that others rely on can't be given back: %s", (_, next) => {
    const relied = next(grantPaymentLease(newOrder(), attempt({ holder: "a" }), NOW));
    expect(giveLeaseBack(relied, "a", NOW)).toBe(relied);
    expect(giveLeaseBack(relied, undefined, NOW)).toBe(relied);
  });

  test.each(["paid", "completed", "cancelled", "refunded"] as const)(
    "is refused for a %s order",
    (status) => {
      expect(() => grantPaymentLease(orderAt(status), attempt(), NOW)).toThrow(refusal("order_not_payable"));
    },
  );

  test("is refused to anyone but the buyer, as if there were no order", () => {
    expect(() => grantPaymentLease(newOrder(), attempt({ user_id: "seller" }), NOW)).toThrow(
      refusal("not_found"),
    );
  });

  test("is refused for a deleted and for an expired order", () => {
    expect(() => grantPaymentLease(deleteOrder(newOrder(), NOW), attempt(), NOW)).toThrow(
      refusal("not_found"),
    );
    expect(() => grantPaymentLease(newOrder(), attempt(), NOW + LIFETIME)).toThrow(
      refusal("order_not_payable"),
    );
  });

  test("is refused when the payer expects another amount", () => {
    expect(() => grantPaymentLease(newOrder(), attempt({ amount: 1 }), NOW)).toThrow(
      refusal("amount_mismatch"),
    );
  });
});

describe("a payment event", () => {
  test("of a capture with the right amount pays the order, with one event", () => {
    const paid = apply(newOrder(), event());
    expect(paid).toMatchObject({ status: "paid", paid_at: paid.updated_at });
    expect(paid.outbox.map(({ payload }) => payload.event)).toEqual(["order.paid"]);
    expect(verdictOn(paid, event())).toMatchObject({ verdict: "accepted" });
    expect(apply(paid, event())).toBe(paid);
  });

  test("pays the order after the capture, also where the clock of the order's instance is behind", () => {
    const paid = apply(newOrder(), event({ changed_at: iso(NOW + 4_000) }));
    expect(paid).toMatchObject({ paid_at: iso(NOW + 4_001), updated_at: iso(NOW + 4_001) });
    expect(paid.outbox).toMatchObject([{ created_at: iso(NOW + 4_001) }]);
    expect(completeOrder(paid, NOW).updated_at).toBe(iso(NOW + 4_002));
  });

  test("without an effect is before what the order does next, too", () => {
    const ended = event({ state: "ended", attempt: null, captured_amount: 0, changed_at: iso(NOW + 4_000) });
    const told = apply(grantPaymentLease(newOrder(), attempt(), NOW), ended);
    const again = grantPaymentLease(told, attempt({ fencing_seq: 2 }), NOW);
    expect(again.payment?.changed_at).toBe(iso(NOW + 4_000));
    const silent = apply(again, event({ state: "open", attempt: null, captured_amount: 0, seq: 3 }));
    expect(cancelOrder(silent, "buyer", undefined, NOW).updated_at).toBe(iso(NOW + 4_001));
  });

  test.each([
    ["another amount", { captured_amount: 9_999 }],
    ["another currency", { currency: "USD" }],
    ["no attempt", { attempt: null }],
  ])("of a capture with %s does not pay the order, and requires a refund", (_, given) => {
    const order = apply(newOrder(), event(given));
    expect(order.status).toBe("pending");
    expect(verdictOn(order, event(given)).verdict).toBe("refund");
  });

  test("a refused capture does not pay after all when the order's total comes to fit", () => {
    const refused = apply(newOrder(), event({ captured_amount: 5_000 }));
    const edited = editOrder(refused, { total: 5_000, lines: [] }, NOW);
    const later = event({ captured_amount: 5_000, seq: 3 });
    const after = apply(edited, later);
    expect(after.status).toBe("pending");
    expect(verdictOn(after, later)).toMatchObject({ verdict: "refund" });
  });

  test("another attempt may pay after one that was refused", () => {
    const refused = apply(newOrder(), event({ captured_amount: 5_000 }));
    expect(apply(refused, event({ seq: 4, attempt: 2 })).status).toBe("paid");
  });

  test("with a capture and its full refund makes the order refunded", () => {
    const order = apply(newOrder(), event({ seq: 7, refunded_amount: 10_000 }));
    expect(order.status).toBe("refunded");
    expect(order.history.map(({ status }) => status)).toEqual(["pending", "paid", "refunded"]);
  });

  test("a partial refund does not change the status, a full one ends it, from paid and from completed", () => {
    const paid = apply(newOrder(), event());
    expect(apply(paid, event({ seq: 3, refunded_amount: 9_999 })).status).toBe("paid");
    expect(apply(paid, event({ seq: 3, refunded_amount: 10_000 })).status).toBe("refunded");
    expect(apply(completeOrder(paid, NOW), event({ seq: 3, refunded_amount: 10_000 })).status).toBe(
      "refunded",
    );
  });

  test("of a second capture requires its refund and keeps the first", () => {
    const paid = apply(newOrder(), event());
    const second = event({ seq: 5, attempt: 2 });
    const after = apply(paid, second);
    expect(verdictOn(after, second)).toMatchObject({ verdict: "refund" });
    expect(verdictOn(after, event())).toMatchObject({ verdict: "accepted" });
  });

  test.each([
    ["cancelled", (order: Order) => cancelOrder(order, "buyer", "why", NOW)],
    ["deleted", (order: Order) => deleteOrder(order, NOW)],
    ["expired", (order: Order) => expireOrder(order, NOW + LIFETIME)],
  ])("of a capture whose order is %s wants the money back", (_, end) => {
    const order = apply(end(newOrder()), event());
    expect(order.status).toBe("cancelled");
    expect(verdictOn(order, event())).toMatchObject({ verdict: "refund" });
  });

  test("that the attempt is over lets the order expire in its own time", () => {
    const opened = grantPaymentLease(newOrder(), attempt(), NOW);
    const ended = apply(opened, event({ state: "ended", attempt: null, captured_amount: 0 }));
    expect(ended.payment?.lease_until).toBeNull();
    expect(ended.revision).toBe(opened.revision);
  });

  test("that an earlier attempt has ended does not end the lease of the next one", () => {
    const opened = grantPaymentLease(newOrder(), attempt({ fencing_seq: 2 }), NOW);
    const ended = event({ seq: 2, state: "ended", attempt: null, captured_amount: 0 });
    const applied = apply(opened, ended);
    expect(applied.payment).toMatchObject({ seq: 2, lease_until: opened.payment?.lease_until });
    expect(() => editOrder(applied, { total: 5_000, lines: [] }, NOW)).toThrow(
      refusal("payment_in_progress"),
    );
    expect(apply(applied, { ...ended, seq: 3 }).payment?.lease_until).toBeNull();
  });

  test("that an attempt goes on keeps the order from expiring for longer, never for shorter", () => {
    const opened = grantPaymentLease(newOrder(), attempt(), NOW);
    const open = event({ state: "open", attempt: null, captured_amount: 0 });
    const held = apply(opened, { ...open, lease_until: iso(NOW + 60 * MINUTE) });
    expect(held.payment?.lease_until).toBe(iso(NOW + 60 * MINUTE));
    expect(expireOrder(held, NOW + 60 * MINUTE)).toBe(held);
    const again = apply(held, { ...open, seq: open.seq + 1, lease_until: iso(NOW + MINUTE) });
    expect(again.payment?.lease_until).toBe(iso(NOW + 60 * MINUTE));
  });
});

/** Any event that PaymentService could send, and many that it could not. */
const anyEvent = fc.record({
  payment_id: fc.constant(PAYMENT),
  seq: fc.integer({ min: 1, max: 8 }),
  attempt: fc.constantFrom(null, 1, 2, 3),
  state: fc.constantFrom("open" as const, "captured" as const, "ended" as const),
  captured_amount: fc.constantFrom(0, 5_000, 10_000),
  refunded_amount: fc.constantFrom(0, 5_000, 10_000),
  currency: fc.constantFrom("CNY", "USD"),
});

/** What may happen to an order besides payment events; refusals count as nothing happening. */
const anyCommand = fc.constantFrom<(order: Order) => Order>(
  (order) => cancelOrder(order, "buyer", "why", NOW),
  (order) => deleteOrder(order, NOW),
  (order) => expireOrder(order, NOW + LIFETIME),
  (order) => completeOrder(order, NOW),
  (order) => editOrder(order, { total: 5_000, lines: [] }, NOW),
  (order) => grantPaymentLease(order, attempt(), NOW),
);

function tried(order: Order, command: (order: Order) => Order): Order {
  try {
    return command(order);
  } catch {
    return order;
  }
}

describe("whatever happens in whatever order", () => {
  const steps = fc.array(fc.oneof(anyEvent, anyCommand), { maxLength: 30 });

  test("a capture's verdict never changes, and at most one attempt is accepted", () => {
    fc.assert(
      fc.property(steps, (happenings) => {
        const verdicts = new Map<number, Set<string>>();
        let order = newOrder();
        for (const happening of happenings) {
          if (typeof happening === "function") {
            order = tried(order, happening);
            continue;
          }
          order = apply(order, happening);
          if (happening.state !== "captured" || happening.attempt === null) continue;
          const seen = verdicts.get(happening.attempt) ?? new Set();
          verdicts.set(happening.attempt, seen.add(verdictOn(order, happening).verdict));
        }
        const accepted = [...verdicts].filter(([, seen]) => seen.has("accepted"));
        expect([...verdicts.values()].every((seen) => seen.size === 1)).toBe(true);
        expect(accepted.length).toBeLessThanOrEqual(1);
        for (const [no] of accepted) expect(order.payment?.attempt).toBe(no);
        if (accepted.length > 0) expect(["paid", "completed", "refunded"]).toContain(order.status);
      }),
      { numRuns: 2_000 },
    );
  });

  test("repeated and reordered events have the effect of the newest one", () => {
    // One payment's life: each state follows from the one before, as `seq` counts.
    const life = [
      event({ seq: 1, state: "open", attempt: null, captured_amount: 0 }),
      event({ seq: 2, state: "captured" }),
      event({ seq: 3, state: "captured", refunded_amount: 4_000 }),
      event({ seq: 4, state: "captured", refunded_amount: 10_000 }),
    ];
    const deliveries = fc
      .integer({ min: 1, max: life.length })
      .chain((until) =>
        fc.tuple(
          fc.constant(life.slice(0, until)),
          fc.array(fc.integer({ min: 0, max: until - 1 }), { maxLength: 12 }),
        ),
      );
    fc.assert(
      fc.property(deliveries, ([events, order]) => {
        const shuffled = [...order.flatMap((at) => events[at] ?? []), ...events.slice(-1)];
        const all = shuffled.reduce(apply, newOrder());
        const newest = events.slice(-1).reduce(apply, newOrder());
        expect([all.status, all.payment]).toEqual([newest.status, newest.payment]);
        expect(all.outbox.length).toBe(newest.outbox.length);
      }),
    );
  });
});
