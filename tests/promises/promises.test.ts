import { describe, expect, test } from "@jest/globals";
import type { Acknowledgement } from "../../tools/promises/deal-record.ts";
import { judge, type Seen, type SeenOrder, type SeenPayment } from "../../tools/promises/judge.ts";
import type { Promised } from "../../tools/promises/promised.ts";
import { shop } from "../support/shop.ts";
import { type Deal, dealBetween } from "./deal.ts";

const URLS = { orders: "", payments: "", notifications: "" };
const TAKEN: Acknowledgement = { what: "capture taken", transaction: "t1", amount: 10_000 };
const MAIL = "11111111-1111-5111-8111-111111111111";

function deal(acknowledged: readonly Acknowledgement[] = [], sold = true): Deal {
  const seller = sold ? shop({ urls: URLS }) : undefined;
  const fresh = dealBetween({
    label: "deal",
    buyer: shop({ urls: URLS }),
    seller,
    email: undefined,
    total: "100.00",
  });
  return {
    ...fresh,
    orderId: "o",
    paymentId: "p",
    acknowledged: [{ what: "order created" }, { what: "payment begun" }, ...acknowledged],
  };
}

const history = (...statuses: string[]) => statuses.map((status) => ({ status, note: status }));
const notified = (...events: string[]) =>
  events.map((event, index) => ({
    id: index === 0 ? MAIL : `${index}`,
    event,
    related_id: event.startsWith("order") ? "o" : "p",
  }));

interface Changes extends Partial<Omit<Seen, "order" | "payment">> {
  readonly order?: Partial<SeenOrder>;
  readonly payment?: Partial<SeenPayment>;
}

/** A deal that was paid, as it should look; `changes` make it look otherwise. */
function paid(changes: Changes = {}) {
  const { order, payment, ...others } = changes;
  return {
    orders: ["o"],
    payments: ["p"],
    notified: {
      buyer: notified("order.created", "order.paid"),
      seller: notified("order.created", "order.paid"),
    },
    stranger: { order: 404, payment: 404 },
    mails: [],
    order: {
      status: "paid",
      total_amount: "100.00",
      payment_id: "p",
      history: history("pending", "paid"),
      ...order,
    },
    payment: {
      status: "succeeded",
      refunds: [],
      history: [{ status: "pending", note: "attempt 1 begun" }],
      ...payment,
    },
    ...others,
  } satisfies Seen;
}

const broken = (subject: Deal, seen: Seen): Promised[] => judge(subject, seen).map(({ promise }) => promise);

test("a deal that is paid and notified breaks nothing", () => {
  expect(judge(deal([TAKEN]), paid())).toEqual([]);
});

test("of an erased party no notification is owed, and none may be left; all else is judged as before", () => {
  const erased = { ...deal([TAKEN]), email: "ann@shop.example", erased: ["buyer"] as const };
  const left = { buyer: [], seller: notified("order.created", "order.paid") };
  expect(judge(erased, paid({ notified: left }))).toEqual([]);
  expect(broken(erased, paid())).toEqual(["notified once", "notified once"]);
  expect(broken(erased, paid({ notified: { buyer: [], seller: [] } }))).toContain("notified once");
  expect(broken(erased, paid({ notified: left, order: { status: "cancelled" } }))).toContain("money");
  const seller = { ...deal([TAKEN]), erased: ["seller"] as const };
  expect(judge(seller, paid({ notified: { ...left, buyer: left.seller, seller: [] } }))).toEqual([]);
});

test("a deal whose order was never acknowledged is owed nothing", () => {
  expect(judge({ ...deal(), orderId: undefined }, paid())).toEqual([]);
});

describe("money", () => {
  const automatic = (amount: string, status = "done") => ({ amount, automatic: true, status });

  test("that was captured for an order that is not paid must be refunded", () => {
    const seen = paid({
      order: { status: "cancelled", history: history("pending", "cancelled") },
      notified: {
        buyer: notified("order.created", "order.cancelled"),
        seller: notified("order.created", "order.cancelled"),
      },
    });
    expect(judge(deal([TAKEN]), seen)).toContainEqual({
      promise: "money",
      deal: "deal",
      sentence: "deal: the order is cancelled, but 100.00 of what was captured is kept",
    });
  });

  test("is not refunded while the order is paid", () => {
    expect(broken(deal([TAKEN]), paid({ payment: { refunds: [automatic("100.00")] } }))).toContain("money");
  });

  test("that was captured twice is refunded once", () => {
    const twice = deal([TAKEN, { ...TAKEN, transaction: "t2" }]);
    expect(broken(twice, paid())).toContain("money");
    const word = ["order.created", "order.paid", "payment.refunded"];
    const mended = paid({
      payment: { refunds: [automatic("100.00")] },
      notified: { buyer: notified(...word), seller: notified(...word) },
    });
    expect(judge(twice, mended)).toEqual([]);
  });

  test("is never more refunded than was captured", () => {
    const seen = paid({ payment: { refunds: [automatic("60.00"), automatic("60.00")] } });
    expect(judge(deal([TAKEN]), seen).map(({ sentence }) => sentence)).toContain(
      "deal: 120.00 was refunded of 100.00 that was captured",
    );
  });

  test("counts once it is back, not when it is due", () => {
    const seen = paid({
      order: { status: "cancelled", history: history("pending", "cancelled") },
      payment: { status: "refunded", refunds: [automatic("100.00", "due")] },
    });
    expect(broken(deal([TAKEN]), seen)).toContain("money");
  });

  test("of an order that is paid without any is missed", () => {
    expect(broken(deal(), paid())).toContain("money");
  });
});

describe("a fact", () => {
  test.each([
    ["is notified twice", notified("order.created", "order.paid", "order.paid")],
    ["is not notified", notified("order.created")],
    ["is notified although it did not happen", notified("order.created", "order.paid", "order.completed")],
    [
      "of another order is notified",
      [...notified("order.created", "order.paid"), { id: "9", event: "order.paid", related_id: "x" }],
    ],
  ])("that %s is a violation", (_, buyer) => {
    const seen = paid({ notified: { buyer, seller: notified("order.created", "order.paid") } });
    expect(broken(deal([TAKEN]), seen)).toEqual(["notified once"]);
  });

  test("is owed to the seller too", () => {
    const seen = paid({
      notified: { buyer: notified("order.created", "order.paid"), seller: notified("order.created") },
    });
    expect(judge(deal([TAKEN]), seen).map(({ sentence }) => sentence)).toEqual([
      "deal: the seller was notified of order.paid 0 times, and it happened 1 times",
    ]);
  });
});

describe("what was acknowledged", () => {
  test.each<[string, Acknowledgement[], Changes]>([
    ["an order that is gone", [TAKEN], { orders: [] }],
    ["an order that was made twice", [TAKEN], { orders: ["o", "o2"] }],
    ["a payment that was made twice", [TAKEN], { payments: ["p", "p2"] }],
    ["a completion that is forgotten", [TAKEN, { what: "order completed" }], {}],
    ["a refund that is forgotten", [TAKEN, { what: "refund taken", key: "k", amount: 1 }], {}],
    ["a cancelled payment that is forgotten", [TAKEN, { what: "payment cancelled" }], {}],
  ])("%s is a violation", (_, acknowledged, changes) => {
    expect(broken(deal(acknowledged), paid(changes))).toContain("durable");
  });
});

test("an order that was both paid and cancelled has two winners", () => {
  const seen = paid({ order: { history: history("pending", "cancelled", "paid") } });
  expect(broken(deal([TAKEN]), seen)).toContain("one winner");
});

test("two payments begun at once are two winners", () => {
  expect(broken(deal([TAKEN, { what: "payment begun" }]), paid())).toEqual(["one winner"]);
});

test("a stranger who is not answered 404 saw something", () => {
  expect(broken(deal([TAKEN]), paid({ stranger: { order: 200, payment: 404 } }))).toEqual(["private"]);
});

describe("a mail", () => {
  const mailed = { ...deal([TAKEN]), email: "a@b.example" };
  const id = (bare: string) => `<${bare}@cfmp-order.example>`;

  test("may come twice under one Message-ID", () => {
    const seen = paid({ mails: [id(MAIL), id(MAIL), "<1@x>"].slice(0, 2) });
    expect(
      broken(mailed, { ...seen, notified: { ...seen.notified, buyer: notified("order.created") } }),
    ).not.toContain("mail");
  });

  test("is owed for each notification, and for nothing else", () => {
    expect(broken(mailed, paid())).toEqual(["mail", "mail"]);
    const other = id("22222222-2222-5222-8222-222222222222");
    expect(broken(mailed, paid({ mails: [id(MAIL), other] }))).toEqual(["mail", "mail"]);
  });
});
