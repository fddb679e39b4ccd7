import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { bodyText } from "../../../../lib/http/event-body.ts";
import { handle as take } from "../../handlers/callback.ts";
import { handle as cancel } from "../../handlers/cancel-payment.ts";
import { handle as refund } from "../../handlers/refund-payment.ts";
import { statusOf } from "../../payment.ts";
import {
  buyer,
  MINUTE,
  PAYMENT_ID,
  scope,
  seller,
  type TestWorld,
  TOTAL,
  testWorld,
} from "../../test-world.ts";
import { plainBeijingTime } from "../beijing-time.ts";
import { type Provider, ProviderFailure } from "../provider.ts";
import type { Misbehaviour } from "../test-gateway.ts";
import { createAlipay } from "./alipay.ts";
import { type FakeAlipay, startFakeAlipay } from "./test-alipay.ts";

const NOW = Date.parse("2026-11-01T12:00:00.000Z");
const REFERENCE = "a".repeat(32);

let clock: () => number = () => NOW;
let fake: FakeAlipay;
let alipay: Provider;

beforeAll(async () => {
  fake = await startFakeAlipay(() => clock());
  alipay = createAlipay(fake.settings);
});

afterAll(() => fake?.close());

afterEach(() => {
  clock = () => NOW;
  fake.trades.clear();
  Object.assign(fake, { requests: [], misbehaves: undefined, refuses: undefined, slow: false });
});

/** The same with a short time limit, for answers that never come. */
const impatient = () => createAlipay({ ...fake.settings, timeoutMs: 150 });

const charge = (changes: object = {}) => ({
  reference: REFERENCE,
  amount: 29_999,
  currency: "CNY",
  expires_at: "2026-11-01T12:15:00.000Z",
  subject: "Order 1",
  ...changes,
});
const order = (changes: object = {}) => ({
  id: "01900000-0000-7000-8000-000000000009",
  reference: REFERENCE,
  transaction_id: fake.trades.get(REFERENCE)?.trade_no ?? "t-1",
  amount: 1_000,
  captured_amount: TOTAL,
  currency: "CNY",
  reason: "broken 中文",
  asked_before: false,
  ...changes,
});

describe("opening", () => {
  test("gives a page signed by our key, with the amount in yuan and the end in Beijing's time", async () => {
    const { pay_url = "" } = await alipay.open(charge());
    const { fields, content } = fake.page(pay_url);
    expect(fields).toMatchObject({
      method: "alipay.trade.page.pay",
      sign_type: "RSA2",
      notify_url: "https://shop.example/api/payments/callback/alipay/",
      timestamp: "2026-11-01 20:00:00",
    });
    expect(content).toEqual({
      out_trade_no: REFERENCE,
      total_amount: "299.99",
      subject: "Order 1",
      time_expire: "2026-11-01 20:15:00",
      product_code: "FAST_INSTANT_TRADE_PAY",
    });
    expect(fake.requests).toEqual([]);
  });

  test.each([
    [1, "0.01"],
    [10, "0.10"],
    [100, "1.00"],
    [10_000_000_000, "100000000.00"],
  ])("writes %d fen as %s", async (amount, text) => {
    const { pay_url = "" } = await alipay.open(charge({ amount }));
    expect(fake.page(pay_url).content["total_amount"]).toBe(text);
  });

  test("gives a code to scan where that is set", async () => {
    const scanned = createAlipay({ ...fake.settings, checkout: "qr" });
    expect(await scanned.open(charge())).toEqual({
      provider: "alipay",
      qr_code: `https://qr.alipay.example/${REFERENCE}`,
    });
  });

  test.each([
    ["currency_not_supported", { currency: "USD" }],
    ["amount_not_supported", { amount: 10_000_000_001 }],
  ])("is 422 %s", async (code, changes) => {
    await expect(alipay.open(charge(changes))).rejects.toMatchObject({ kind: "invalid", code });
  });
});

describe("a query", () => {
  test("of what nobody has begun to pay says open", async () => {
    expect(await alipay.query(REFERENCE)).toEqual({ state: "open" });
  });

  test.each([
    ["WAIT_BUYER_PAY", { state: "open" }],
    ["TRADE_CLOSED", { state: "closed" }],
  ] as const)("reads %s", async (status, state) => {
    fake.begin(REFERENCE, TOTAL, false).status = status;
    expect(await alipay.query(REFERENCE)).toEqual(state);
  });

  test.each(["TRADE_SUCCESS", "TRADE_FINISHED"] as const)("reads %s as captured, in fen", async (status) => {
    const trade = fake.begin(REFERENCE, 12_345, true);
    trade.status = status;
    expect(await alipay.query(REFERENCE)).toEqual({
      state: "captured",
      transaction_id: trade.trade_no,
      amount: 12_345,
      currency: "CNY",
    });
  });
});

describe("closing", () => {
  test("ends what waits, and what was never begun", async () => {
    expect(await alipay.close(REFERENCE)).toEqual({ state: "closed" });
    fake.begin(REFERENCE, TOTAL, false);
    expect(await alipay.close(REFERENCE)).toEqual({ state: "closed" });
    expect(fake.trades.get(REFERENCE)?.status).toBe("TRADE_CLOSED");
  });

  test("too late says that it is captured", async () => {
    fake.begin(REFERENCE, TOTAL, true);
    expect(await alipay.close(REFERENCE)).toMatchObject({ state: "captured", amount: TOTAL });
  });
});

describe("a refund", () => {
  test("is done once per id, in parts, and never beyond what was captured", async () => {
    const { refunds } = fake.begin(REFERENCE, TOTAL, true);
    expect(await alipay.refund(order({ amount: 4_000 }))).toBe("done");
    expect(await alipay.refund(order({ amount: 4_000, asked_before: true }))).toBe("done");
    expect(await alipay.refund(order({ amount: 4_000 }))).toBe("done");
    expect(await alipay.refund(order({ id: "b", amount: 6_001 }))).toBe("rejected");
    expect(await alipay.refund(order({ id: "c", amount: 6_000 }))).toBe("done");
    expect([...refunds.values()]).toEqual([4_000, 6_000]);
  });

  test("that takes its time is pending, then done", async () => {
    fake.begin(REFERENCE, TOTAL, true);
    fake.slow = true;
    expect(await alipay.refund(order())).toBe("pending");
    expect(await alipay.refund(order({ asked_before: true }))).toBe("pending");
    expect(await alipay.queryRefund(order())).toBe("unknown");
    fake.slow = false;
    expect(await alipay.refund(order({ asked_before: true }))).toBe("done");
    expect(await alipay.queryRefund(order())).toBe("done");
  });

  test("whose answer is lost is found by a query", async () => {
    const { refunds } = fake.begin(REFERENCE, TOTAL, true);
    fake.misbehaves = "hangs after doing it";
    await expect(impatient().refund(order())).rejects.toBeInstanceOf(ProviderFailure);
    fake.misbehaves = undefined;
    expect(await alipay.refund(order({ asked_before: true }))).toBe("done");
    expect(refunds.size).toBe(1);
  });

  test.each([
    ["ACQ.SELLER_BALANCE_NOT_ENOUGH", "is requested again"],
    ["ACQ.SYSTEM_ERROR", "is requested again"],
  ])("refused with %s %s", async (code) => {
    fake.begin(REFERENCE, TOTAL, true);
    fake.refuses = code;
    await expect(alipay.refund(order())).rejects.toBeInstanceOf(ProviderFailure);
  });
});

describe("an answer that can't be relied on", () => {
  const misbehaviours: readonly Misbehaviour[] = [
    "hangs",
    "answers 500",
    "answers garbage",
    "signs with another key",
    "does not sign",
  ];

  test.each(misbehaviours)("counts as none: it %s", async (misbehaves) => {
    fake.begin(REFERENCE, TOTAL, true);
    fake.misbehaves = misbehaves;
    const provider = misbehaves === "hangs" ? impatient() : alipay;
    const failure = await provider.query(REFERENCE).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ProviderFailure);
    // Nothing of the answer or of our keys is in what is logged.
    const logged = JSON.stringify(failure, Object.getOwnPropertyNames(failure));
    expect(logged).not.toMatch(/159\*|KEY-----|sign"/);
    await expect(provider.close(REFERENCE)).rejects.toBeInstanceOf(ProviderFailure);
    await expect(provider.refund(order())).rejects.toBeInstanceOf(ProviderFailure);
  });
});

/** A world whose order is being paid by Alipay. */
async function begun() {
  const world = testWorld({ providers: new Map([["alipay", alipay]]) });
  clock = () => world.clock.time;
  const { body } = await world.pay(undefined, { method: "alipay" });
  return { world, reference: await world.reference(), body };
}

const send = (world: TestWorld, body: string) =>
  take(world.service, { params: { method: "alipay" }, headers: {}, rawBody: body, scope });

const SUCCESS = { status: 200, body: "success", headers: { "content-type": "text/plain; charset=utf-8" } };

describe("a callback", () => {
  test("captures, and is answered in Alipay's form", async () => {
    const { world, reference, body } = await begun();
    expect(body.checkout?.["pay_url"]).toContain(`${fake.settings.gateway}?`);
    fake.begin(reference, TOTAL, true);
    expect(await send(world, fake.notice(reference))).toEqual(SUCCESS);
    expect(statusOf(await world.stored())).toBe("succeeded");
  });

  test("that API Gateway passes on in base64 is the same", async () => {
    const { world, reference } = await begun();
    fake.begin(reference, TOTAL, true);
    const body = Buffer.from(fake.notice(reference)).toString("base64");
    const event = { body, isBase64Encoded: true } as Parameters<typeof bodyText>[0];
    expect(await send(world, bodyText(event))).toEqual(SUCCESS);
  });

  test("that is repeated, or reports a refund, has no second effect", async () => {
    const { world, reference } = await begun();
    fake.begin(reference, TOTAL, true);
    await Promise.all(Array.from({ length: 10 }, () => send(world, fake.notice(reference))));
    const { seq, refunds } = await world.stored();
    expect([seq, refunds]).toEqual([1, []]);
    const changes = { refund_fee: "10.00", gmt_refund: "2026-11-01 20:00:00", out_biz_no: "x" };
    expect(await send(world, fake.notice(reference, changes))).toEqual(SUCCESS);
    expect((await world.stored()).seq).toBe(1);
    // That refund was not requested here: it was made at Alipay, by hand or as a charge-back.
    expect(await world.unmatched()).toMatchObject([
      { kind: "refund", reference, transaction_id: "x", amount: "10.00" },
    ]);
  });

  test("that says nothing was refunded captures", async () => {
    const { world, reference } = await begun();
    fake.begin(reference, TOTAL, true);
    const changes = { refund_fee: "0.00", out_biz_no: "x" };
    expect(await send(world, fake.notice(reference, changes))).toEqual(SUCCESS);
    expect(statusOf(await world.stored())).toBe("succeeded");
  });

  test("about a refund of ours is no surprise", async () => {
    const { world, reference } = await begun();
    fake.begin(reference, TOTAL, true);
    await send(world, fake.notice(reference));
    const request = { params: { id: PAYMENT_ID }, user: seller, scope, idempotencyKey: undefined };
    await refund(world.service, { ...request, body: { reason: "broken" } });
    await world.relay();
    const [known] = (await world.stored()).refunds;
    const changes = { refund_fee: "100.00", gmt_refund: "2026-11-01 20:00:00", out_biz_no: known?.id ?? "" };
    expect(await send(world, fake.notice(reference, changes))).toEqual(SUCCESS);
    expect(await world.unmatched()).toEqual([]);
  });

  test("about a refund made at Alipay is kept although it does not name it; what was requested here explains as much", async () => {
    const { world, reference } = await begun();
    fake.begin(reference, TOTAL, true);
    await send(world, fake.notice(reference));
    const request = { params: { id: PAYMENT_ID }, user: seller, scope, idempotencyKey: undefined };
    await refund(world.service, { ...request, body: { amount: 3_000, reason: "broken" } });
    await world.relay();
    const inAll = (refund_fee: string) =>
      send(world, fake.notice(reference, { refund_fee, gmt_refund: "2026-11-01 20:00:00" }));
    expect(await inAll("30.00")).toEqual(SUCCESS);
    expect(await world.unmatched()).toEqual([]);
    expect(await inAll("45.00")).toEqual(SUCCESS);
    expect(await inAll("45.00")).toEqual(SUCCESS);
    expect(await world.unmatched()).toMatchObject([{ kind: "refund", reference, amount: "45.00" }]);
  });

  test("over another amount is refunded in full by Alipay", async () => {
    const { world, reference } = await begun();
    const trade = fake.begin(reference, 1, true);
    expect(await send(world, fake.notice(reference))).toEqual(SUCCESS);
    await world.relay();
    expect([...trade.refunds.values()]).toEqual([1]);
    expect(statusOf(await world.stored())).toBe("refunded");
  });

  test("that the trade waits changes nothing; that it is closed ends the attempt", async () => {
    const { world, reference } = await begun();
    const trade = fake.begin(reference, TOTAL, false);
    expect(await send(world, fake.notice(reference))).toEqual(SUCCESS);
    expect(statusOf(await world.stored())).toBe("pending");
    trade.status = "TRADE_CLOSED";
    expect(await send(world, fake.notice(reference))).toEqual(SUCCESS);
    expect(statusOf(await world.stored())).toBe("expired");
  });

  test("older than five minutes is not used: Alipay is queried", async () => {
    const { world, reference } = await begun();
    fake.begin(reference, TOTAL, false);
    const notify_time = plainBeijingTime(world.clock.time - 6 * MINUTE);
    const old = fake.notice(reference, { notify_time, trade_status: "TRADE_SUCCESS" });
    expect(await send(world, old)).toEqual(SUCCESS);
    expect(fake.requests).toEqual(["alipay.trade.query"]);
    expect(statusOf(await world.stored())).toBe("pending");
    fake.misbehaves = "answers 500";
    await expect(send(world, old)).rejects.toMatchObject({
      kind: "unavailable",
      code: "provider_unavailable",
    });
  });

  test.each([
    ["without a signature", 401, (form: URLSearchParams) => form.delete("sign")],
    ["with SHA-1", 401, (form: URLSearchParams) => form.set("sign_type", "RSA")],
    ["with an unknown signature type", 401, (form: URLSearchParams) => form.set("sign_type", "none")],
    ["with a changed amount", 401, (form: URLSearchParams) => form.set("total_amount", "0.01")],
    ["with an added field", 401, (form: URLSearchParams) => form.set("x", "1")],
    ["with a repeated field", 401, (form: URLSearchParams) => form.append("total_amount", "0.01")],
  ])("%s is refused with `fail`: %d", async (_, status, change) => {
    const { world, reference } = await begun();
    fake.begin(reference, TOTAL, true);
    const form = new URLSearchParams(fake.notice(reference));
    change(form);
    expect(await send(world, form.toString())).toMatchObject({ status, body: "fail" });
    expect(statusOf(await world.stored())).toBe("pending");
  });

  test.each(["GBK", "gb2312", "GB18030"])("in %s is verified over its bytes, and read", async (charset) => {
    const { world, reference } = await begun();
    fake.begin(reference, TOTAL, true);
    expect(await send(world, fake.gbkNotice(reference, charset))).toMatchObject({
      status: 200,
      body: "success",
    });
    expect(statusOf(await world.stored())).toBe("succeeded");
  });

  test.each([
    ["in a charset that Alipay does not use", "utf-16"],
    ["in bytes that are none of its charset", "utf-8"],
  ])("%s is kept for a person", async (_, charset) => {
    const { world, reference } = await begun();
    fake.begin(reference, TOTAL, true);
    expect(await send(world, fake.gbkNotice(reference, charset))).toEqual(SUCCESS);
    expect(await world.unmatched()).toMatchObject([{ method: "alipay", kind: "callback", reference }]);
    expect(statusOf(await world.stored())).toBe("pending");
  });

  test("signed by an unknown key is refused", async () => {
    const { world, reference } = await begun();
    fake.begin(reference, TOTAL, true);
    expect(await send(world, fake.notice(reference, {}, "stranger"))).toMatchObject({ status: 401 });
  });

  test.each([
    ["of another application", { app_id: "2021000000000002" }, 400],
    ["unpaid, of no payment", { out_trade_no: "0".repeat(32), trade_status: "WAIT_BUYER_PAY" }, 404],
  ])("%s is refused with `fail`: %p %d", async (_, changes, status) => {
    const { world, reference } = await begun();
    fake.begin(reference, TOTAL, true);
    expect(await send(world, fake.notice(reference, changes))).toMatchObject({ status, body: "fail" });
    expect(statusOf(await world.stored())).toBe("pending");
  });

  test("with an unknown status is kept once however often it is sent, and beside one with another", async () => {
    const { world, reference } = await begun();
    const times = { gmt_create: "2026-11-01 19:59:00", gmt_payment: "2026-11-01 20:00:00" };
    for (const trade_status of ["TRADE_MAYBE", "TRADE_MAYBE", "TRADE_FROZEN", "TRADE_FROZEN"]) {
      world.clock.time += 1_000;
      const notice = fake.notice(reference, { ...times, trade_status });
      expect(await send(world, notice)).toEqual(SUCCESS);
    }
    expect(await world.unmatched()).toHaveLength(2);
  });

  test.each([
    ["with an unknown status", { trade_status: "TRADE_MAYBE" }, "callback"],
    ["without a real amount", { total_amount: "1e3" }, "capture"],
    ["over nothing", { total_amount: "0.00" }, "capture"],
    ["over less than nothing", { total_amount: "-5.00" }, "capture"],
    ["of no payment", { out_trade_no: "0".repeat(32) }, "capture"],
    ["of nothing of ours", { out_trade_no: "INV-7" }, "capture"],
  ])("%s is kept for a person: %p", async (_, changes, kind) => {
    const { world, reference } = await begun();
    fake.begin(reference, TOTAL, true);
    expect(await send(world, fake.notice(reference, changes))).toEqual(SUCCESS);
    expect(await world.unmatched()).toMatchObject([{ method: "alipay", kind }]);
    expect(statusOf(await world.stored())).toBe("pending");
  });

  test("without a valid time has Alipay queried", async () => {
    const { world, reference } = await begun();
    fake.begin(reference, TOTAL, true);
    expect(await send(world, fake.notice(reference, { notify_time: "yesterday" }))).toEqual(SUCCESS);
    expect(fake.requests).toEqual(["alipay.trade.query"]);
    expect(statusOf(await world.stored())).toBe("succeeded");
  });

  test("about another provider's attempt is kept, and that attempt stays as it is", async () => {
    const other = testWorld();
    const providers = new Map(other.service.ports.providers).set("alipay", alipay);
    const world = testWorld({ providers });
    await world.pay();
    const reference = await world.reference();
    fake.begin(reference, TOTAL, true);
    expect(await send(world, fake.notice(reference))).toEqual(SUCCESS);
    expect(await world.unmatched()).toMatchObject([{ method: "alipay", kind: "capture", reference }]);
    expect(statusOf(await world.stored())).toBe("pending");
  });
});

describe("an attempt with Alipay", () => {
  test("is queried after growing pauses when no callback comes, and closed when its time is over", async () => {
    const { world, reference } = await begun();
    fake.begin(reference, TOTAL, false);
    const askedAt: number[] = [];
    const begin = world.clock.time;
    for (; world.clock.time <= begin + 15 * MINUTE; world.clock.time += 10_000) {
      fake.requests.length = 0;
      await world.relay();
      if (fake.requests.length > 0) askedAt.push((world.clock.time - begin) / 1_000);
    }
    expect(askedAt).toEqual([30, 60, 120, 240, 480, 780, 900]);
    expect(statusOf(await world.stored())).toBe("expired");
    expect(fake.trades.get(reference)?.status).toBe("TRADE_CLOSED");
  });

  test("whose callback was lost pays within half a minute", async () => {
    const { world, reference } = await begun();
    fake.begin(reference, TOTAL, true);
    world.clock.time += 30_000;
    await world.relay();
    expect(statusOf(await world.stored())).toBe("succeeded");
    expect(world.order.events).toMatchObject([{ state: "captured" }]);
  });

  test("that is paid after it was cancelled, with the callback lost, is refunded", async () => {
    const { world, reference } = await begun();
    await cancel(world.service, { params: { id: PAYMENT_ID }, body: {}, user: buyer, scope });
    expect(statusOf(await world.stored())).toBe("cancelled");
    // The payer still had the page.
    const trade = fake.begin(reference, TOTAL, true);
    world.clock.time += 25 * MINUTE;
    await world.relay();
    expect([...trade.refunds.values()]).toEqual([TOTAL]);
    expect(statusOf(await world.stored())).toBe("refunded");
    expect(world.order.events.map(({ state }) => state)).not.toContain("captured");
  });

  test("that ended unpaid is queried one last time", async () => {
    const { world } = await begun();
    await cancel(world.service, { params: { id: PAYMENT_ID }, body: {}, user: buyer, scope });
    fake.requests.length = 0;
    world.clock.time += 25 * MINUTE;
    fake.misbehaves = "answers 500";
    await world.relay();
    fake.misbehaves = undefined;
    world.clock.time += MINUTE;
    await world.relay();
    world.clock.time += 60 * MINUTE;
    await world.relay();
    expect(fake.requests).toEqual(["alipay.trade.query", "alipay.trade.query"]);
  });

  test("that Alipay does not answer for is 503, and its order does not expire", async () => {
    const { world, reference } = await begun();
    fake.begin(reference, TOTAL, false);
    fake.misbehaves = "answers 500";
    const stop = cancel(world.service, { params: { id: PAYMENT_ID }, body: {}, user: buyer, scope });
    await expect(stop).rejects.toMatchObject({ kind: "unavailable", code: "provider_unavailable" });
    world.clock.time += 15 * MINUTE;
    await world.relay();
    expect(statusOf(await world.stored())).toBe("pending");
    const [event] = world.order.events;
    expect(event).toMatchObject({ state: "open" });
    expect(Date.parse(event?.live_until ?? "")).toBeGreaterThan(world.clock.time + MINUTE);
  });
});
