import { describe, expect, test } from "@jest/globals";
import type { TokenScope } from "../../lib/auth/scopes.ts";
import { MAX_AMOUNT } from "../../lib/money/money.ts";
import {
  cancelOrder,
  completeOrder,
  createOrder,
  deleteOrder,
  EXPIRY_MARGIN_MS,
  editOrder,
  expireOrder,
  expiryOf,
  type Order,
  partyOf,
  requireBuyer,
  requireRevision,
  revised,
  totalOf,
  visibleTo,
} from "./order.ts";
import { ORDER_STATUSES } from "./order-status.ts";
import { LIFETIME, MINUTE, NOW, newOrder, orderAt } from "./test-orders.ts";

const refusal = (code: string) => expect.objectContaining({ name: "DomainError", code });
const actor = (id: string, ...scopes: TokenScope[]) => ({ id, scopes: new Set<string>(scopes) });
const paying = (until: number): Order => ({
  ...newOrder(),
  payment: { id: "p", seq: 0, lease_until: new Date(until).toISOString(), attempt: null, refused: [] },
});

describe("a new order", () => {
  const order = createOrder({ ...newOrder(), lifetime: LIFETIME }, NOW);

  test("is pending, at revision 1, and expires after its lifetime", () => {
    expect(order).toMatchObject({ status: "pending", revision: 1, paid_at: null, deleted_at: null });
    expect(Date.parse(order.expires_at)).toBe(NOW + LIFETIME);
  });

  test("has an event for its parties", () => {
    expect(order.outbox.map((event) => event.payload.event)).toEqual(["order.created"]);
  });
});

describe("the total", () => {
  const line = { product_id: "p", name: "n", unit_price: 333, quantity: 3 };

  test("is computed from the lines, or is the stated one without lines", () => {
    expect(totalOf([line, { ...line, unit_price: 1, quantity: 1 }], undefined)).toBe(1_000);
    expect(totalOf([line], 999)).toBe(999);
    expect(totalOf(undefined, 999)).toBe(999);
  });

  test("is refused when it is missing, contradicts the lines or is too large", () => {
    expect(() => totalOf(undefined, undefined)).toThrow(refusal("total_missing"));
    expect(() => totalOf([line], 998)).toThrow(refusal("total_mismatch"));
    const large = { ...line, unit_price: MAX_AMOUNT, quantity: 2 };
    expect(() => totalOf([large], undefined)).toThrow(refusal("total_too_large"));
  });
});

describe("editing", () => {
  test("with nothing new gives the same order", () => {
    const order = newOrder();
    expect(editOrder(order, { customer_name: order.customer_name, lines: [...order.lines] }, NOW)).toBe(
      order,
    );
  });

  test("does not change the amount while a payment is live; other fields can be edited", () => {
    const order = paying(NOW + 1);
    expect(() => editOrder(order, { total: 1, lines: [] }, NOW)).toThrow(refusal("payment_in_progress"));
    expect(editOrder(order, { remark: "ring twice" }, NOW).remark).toBe("ring twice");
  });

  test("may change money once the attempt is over", () => {
    expect(editOrder(paying(NOW), { total: 1, lines: [] }, NOW).total).toBe(1);
  });
});

describe("what the parties' notifications say of a cancelled order", () => {
  const cause = (order: Order) => order.outbox.at(-1)?.payload.data;

  test("is by whom it was cancelled, and no word of what they wrote", () => {
    const cancelled = cancelOrder(newOrder(), "buyer", "call https://evil.example", NOW);
    expect(cancelled.cancel_reason).toBe("call https://evil.example");
    expect(cause(cancelled)).toEqual({ reason: "cancelled by the buyer" });
    expect(JSON.stringify(cancelled.outbox)).not.toContain("evil");
    expect(cause(cancelOrder(newOrder(), "seller", undefined, NOW))).toEqual({
      reason: "cancelled by the seller",
    });
  });

  test("is that it expired or was deleted", () => {
    expect(cause(expireOrder(newOrder(), NOW + LIFETIME))).toEqual({ reason: "expired" });
    expect(cause(deleteOrder(newOrder(), NOW))).toEqual({ reason: "deleted" });
  });
});

describe("the times of an order", () => {
  const at = (time: number) => new Date(time).toISOString();
  const timesOf = ({ outbox }: Order) =>
    outbox.map(({ payload, created_at }) => `${payload.event} ${created_at}`);

  test("go forward with each change, also by an instance whose clock is behind", () => {
    const created = createOrder({ ...newOrder(), lifetime: LIFETIME }, NOW);
    const edited = editOrder(created, { remark: "ring twice" }, NOW - 4_000);
    const cancelled = cancelOrder(edited, "buyer", undefined, NOW - 8_000);
    expect(cancelled.history.map(({ at }) => at)).toEqual([at(NOW), at(NOW + 1), at(NOW + 2)]);
    expect(cancelled.updated_at).toBe(at(NOW + 2));
    expect(timesOf(cancelled)).toEqual([`order.created ${at(NOW)}`, `order.cancelled ${at(NOW + 2)}`]);
  });

  test("are those of the clock again when that is later", () => {
    const ahead = editOrder(newOrder(), { remark: "ring twice" }, NOW + 4_000);
    expect(cancelOrder(ahead, "buyer", undefined, NOW + 5_000).updated_at).toBe(at(NOW + 5_000));
  });

  test("are later than those that an earlier version stored, also where these go back", () => {
    const history = [NOW + 9_000, NOW].map((time) => ({ at: at(time), status: "paid" as const, note: "" }));
    const stored: Order = { ...orderAt("paid"), history, updated_at: at(NOW) };
    expect(timesOf(completeOrder(stored, NOW + 5))).toEqual([`order.completed ${at(NOW + 9_001)}`]);
  });

  test("do not decide when an event is delivered", () => {
    const ahead = editOrder(newOrder(), { remark: "ring twice" }, NOW + MINUTE);
    const [event] = cancelOrder(ahead, "buyer", undefined, NOW).outbox;
    expect(Date.parse(event?.next_at ?? "")).toBe(NOW + 1_000);
  });
});

describe("deleting", () => {
  test("a pending order cancels it first, with one event", () => {
    const deleted = deleteOrder(newOrder(), NOW);
    expect(deleted).toMatchObject({ status: "cancelled", deleted_at: deleted.updated_at });
    expect(deleted.outbox.map((event) => event.payload.event)).toEqual(["order.cancelled"]);
  });

  test("hides the order even from its buyer", () => {
    expect(() => visibleTo(deleteOrder(newOrder(), NOW), actor("buyer"))).toThrow(refusal("not_found"));
  });
});

describe("expiry", () => {
  test("comes at expires_at, not a millisecond before", () => {
    const order = newOrder();
    expect(expireOrder(order, NOW + LIFETIME - 1)).toBe(order);
    expect(expireOrder(order, NOW + LIFETIME)).toMatchObject({
      status: "cancelled",
      cancel_reason: "expired",
    });
  });

  test("waits for a live attempt and a margin after it", () => {
    const until = NOW + LIFETIME + MINUTE;
    const order = paying(until);
    expect(expireOrder(order, until + EXPIRY_MARGIN_MS - 1)).toBe(order);
    expect(expireOrder(order, until + EXPIRY_MARGIN_MS).status).toBe("cancelled");
  });

  test("is not brought forward by an attempt that ends earlier", () => {
    expect(expiryOf(paying(NOW + MINUTE))).toBe(NOW + LIFETIME);
  });

  test.each(ORDER_STATUSES.filter((status) => status !== "pending"))(
    "never comes to a %s order",
    (status) => {
      const order = orderAt(status);
      expect(expiryOf(order)).toBeUndefined();
      expect(expireOrder(order, NOW + 100 * LIFETIME)).toBe(order);
    },
  );
});

describe("who", () => {
  test("buyer and seller see an order; for anyone else it does not exist", () => {
    const order = newOrder();
    expect(visibleTo(order, actor("buyer"))).toBe(order);
    expect(visibleTo(order, actor("seller", "sell"))).toBe(order);
    expect(() => visibleTo(order, actor("stranger", "sell"))).toThrow(refusal("not_found"));
    expect(() => visibleTo(undefined, actor("buyer"))).toThrow(refusal("not_found"));
  });

  test("whoever is named as seller is a stranger until their token says that they sell", () => {
    const order = newOrder();
    expect(() => partyOf(order, actor("seller"))).toThrow(refusal("not_found"));
    expect(() => partyOf(order, actor("seller", "refund", "notify", "operate"))).toThrow(
      refusal("not_found"),
    );
    expect(partyOf(order, actor("seller", "sell"))).toBe("seller");
  });

  test("the buyer is never the seller, whatever their token says", () => {
    expect(partyOf(newOrder(), actor("buyer", "sell"))).toBe("buyer");
    // Stored by a version that let them be both.
    expect(partyOf({ ...newOrder(), seller_id: "buyer" }, actor("buyer", "sell"))).toBe("buyer");
    expect(() => newOrder({ seller_id: "buyer" })).toThrow(refusal("seller_is_buyer"));
  });

  test("only the buyer may do what is the buyer's", () => {
    expect(() => requireBuyer(newOrder(), actor("seller", "sell"))).toThrow(refusal("not_the_buyer"));
    expect(() => requireBuyer(newOrder(), actor("buyer"))).not.toThrow();
  });

  test("a change based on another revision is refused", () => {
    const basedOn = (...tags: string[]) => ({ allowsChange: (tag: string) => tags.includes(tag) });
    expect(() => requireRevision(newOrder(), basedOn("1"))).not.toThrow();
    expect(() => requireRevision(newOrder(), basedOn("0", "1"))).not.toThrow();
    for (const tags of [["2"], ["01"], ["abc"], []])
      expect(() => requireRevision(newOrder(), basedOn(...tags))).toThrow(refusal("revision_stale"));
  });
});

test("history keeps the last 50 entries", () => {
  let order = newOrder();
  for (let at = 1; at <= 60; at += 1) order = revised(order, NOW, `change ${at}`);
  expect(order.history).toHaveLength(50);
  expect(order.history.at(-1)?.note).toBe("change 60");
});
