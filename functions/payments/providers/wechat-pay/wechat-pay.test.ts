import { generateKeyPairSync } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { handle as take } from "../../handlers/callback.ts";
import { handle as cancel } from "../../handlers/cancel-payment.ts";
import { handle as refund } from "../../handlers/refund-payment.ts";
import { statusOf } from "../../payment.ts";
import { buyer, MINUTE, PAYMENT_ID, scope, type TestWorld, TOTAL, testWorld } from "../../test-world.ts";
import { type Provider, ProviderFailure } from "../provider.ts";
import type { Misbehaviour } from "../test-gateway.ts";
import { type FakeWechatPay, startFakeWechatPay } from "./test-wechat-pay.ts";
import { createWechatPay } from "./wechat-pay.ts";

const NOW = Date.parse("2026-11-01T12:00:00.000Z");
const REFERENCE = "w".repeat(32);

let clock: () => number = () => NOW;
let fake: FakeWechatPay;
let wechatPay: Provider;

beforeAll(async () => {
  fake = await startFakeWechatPay(() => clock());
  wechatPay = createWechatPay(fake.settings);
});

afterAll(() => fake?.close());

afterEach(() => {
  clock = () => NOW;
  fake.transactions.clear();
  Object.assign(fake, { requests: [], misbehaves: undefined, refuses: undefined, refundsEnd: "SUCCESS" });
});

/** The same with a short time limit, for answers that never come. */
const impatient = () => createWechatPay({ ...fake.settings, timeoutMs: 150 });

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
  transaction_id: fake.transactions.get(REFERENCE)?.transaction_id ?? "t-1",
  amount: 1_000,
  captured_amount: TOTAL,
  currency: "CNY",
  reason: "broken",
  asked_before: false,
  ...changes,
});

describe("opening", () => {
  test("gives a code to scan, for fen, until the attempt ends in Beijing's time", async () => {
    const { code_url } = await wechatPay.open(charge());
    expect(code_url).toMatch(/^weixin:\/\//);
    expect(fake.transactions.get(REFERENCE)).toMatchObject({
      total: 29_999,
      state: "NOTPAY",
      expires: "2026-11-01T20:15:00+08:00",
    });
  });

  test.each([
    ["currency_not_supported", { currency: "USD" }],
    ["amount_not_supported", { amount: 10_000_000_001 }],
  ])("is 422 %s", async (code, changes) => {
    await expect(wechatPay.open(charge(changes))).rejects.toMatchObject({ kind: "invalid", code });
    expect(fake.requests).toEqual([]);
  });

  test("is 503 for the payer when WeChat Pay does not answer, and nothing is stored", async () => {
    const world = testWorld({ providers: new Map([["wechat_pay", wechatPay]]) });
    fake.misbehaves = "answers 500";
    const paying = world.pay(undefined, { method: "wechat_pay" });
    await expect(paying).rejects.toMatchObject({ kind: "unavailable", code: "provider_unavailable" });
    expect(world.operations).toEqual([]);
  });
});

describe("a query", () => {
  test("of an unknown charge says open", async () => {
    expect(await wechatPay.query(REFERENCE)).toEqual({ state: "open" });
  });

  test.each([
    ["NOTPAY", "open"],
    ["USERPAYING", "processing"],
    ["CLOSED", "closed"],
    ["PAYERROR", "failed"],
  ] as const)("reads %s as %s", async (state, ours) => {
    fake.begin(REFERENCE, TOTAL, state);
    expect(await wechatPay.query(REFERENCE)).toEqual({ state: ours });
  });

  test.each([
    ["SUCCESS", {}],
    ["REFUND", { refunded: true }],
  ] as const)("reads %s as captured", async (state, also) => {
    const { transaction_id } = fake.begin(REFERENCE, 12_345, state);
    const captured = { state: "captured", transaction_id, amount: 12_345, currency: "CNY", ...also };
    expect(await wechatPay.query(REFERENCE)).toEqual(captured);
  });
});

describe("closing", () => {
  test("closes a charge that is open, and one that is unknown", async () => {
    expect(await wechatPay.close(REFERENCE)).toEqual({ state: "closed" });
    fake.begin(REFERENCE, TOTAL, "NOTPAY");
    expect(await wechatPay.close(REFERENCE)).toEqual({ state: "closed" });
    expect(fake.transactions.get(REFERENCE)?.state).toBe("CLOSED");
  });

  test("too late says that it is captured", async () => {
    fake.begin(REFERENCE, TOTAL, "SUCCESS");
    expect(await wechatPay.close(REFERENCE)).toMatchObject({ state: "captured", amount: TOTAL });
  });
});

describe("a refund", () => {
  test("is done once per id, in parts, and never beyond what was captured", async () => {
    const { refunds } = fake.begin(REFERENCE, TOTAL, "SUCCESS");
    expect(await wechatPay.refund(order({ amount: 4_000 }))).toBe("done");
    expect(await wechatPay.refund(order({ amount: 4_000, asked_before: true }))).toBe("done");
    expect(await wechatPay.refund(order({ amount: 4_000 }))).toBe("done");
    expect(await wechatPay.refund(order({ id: "b", amount: 6_001 }))).toBe("rejected");
    expect(await wechatPay.refund(order({ id: "c", amount: 6_000 }))).toBe("done");
    expect([...refunds.values()].map(({ amount }) => amount)).toEqual([4_000, 6_000]);
  });

  test.each([
    ["PROCESSING", "pending"],
    ["ABNORMAL", "abnormal"],
    ["CLOSED", "rejected"],
  ] as const)("that is %s is %s", async (status, ours) => {
    fake.begin(REFERENCE, TOTAL, "SUCCESS");
    fake.refundsEnd = status;
    expect(await wechatPay.refund(order())).toBe(ours);
    expect(await wechatPay.queryRefund(order())).toBe(ours);
  });

  test("whose answer is lost is found by a query", async () => {
    const { refunds } = fake.begin(REFERENCE, TOTAL, "SUCCESS");
    fake.misbehaves = "hangs after doing it";
    await expect(impatient().refund(order())).rejects.toBeInstanceOf(ProviderFailure);
    fake.misbehaves = undefined;
    expect(await wechatPay.refund(order({ asked_before: true }))).toBe("done");
    expect(refunds.size).toBe(1);
  });

  test("for a long reason says as much of it as may be said", async () => {
    const { refunds } = fake.begin(REFERENCE, TOTAL, "SUCCESS");
    expect(await wechatPay.refund(order({ reason: "坏".repeat(40) }))).toBe("done");
    expect([...refunds.values()][0]?.reason).toBe("坏".repeat(26));
  });

  test("for a reason with characters that WeChat Pay does not take says `?` for them", async () => {
    const { refunds } = fake.begin(REFERENCE, TOTAL, "SUCCESS");
    expect(await wechatPay.refund(order({ reason: "坏 😡!" }))).toBe("done");
    expect([...refunds.values()][0]?.reason).toBe("坏 ?!");
  });

  test.each([
    [403, "NOT_ENOUGH"],
    [429, "FREQUENCY_LIMITED"],
    [401, "SIGN_ERROR"],
  ])("refused with %d %s is requested again", async (status, code) => {
    fake.begin(REFERENCE, TOTAL, "SUCCESS");
    fake.refuses = { status, code };
    await expect(wechatPay.refund(order())).rejects.toBeInstanceOf(ProviderFailure);
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
    fake.begin(REFERENCE, TOTAL, "SUCCESS");
    fake.misbehaves = misbehaves;
    const provider = misbehaves === "hangs" ? impatient() : wechatPay;
    const failure = await provider.query(REFERENCE).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ProviderFailure);
    const logged = JSON.stringify(failure, Object.getOwnPropertyNames(failure));
    expect(logged).not.toMatch(/openid|KEY-----|WECHATPAY2|oUpF8/);
    await expect(provider.refund(order())).rejects.toBeInstanceOf(ProviderFailure);
  });
});

/** A world whose order is being paid by WeChat Pay. */
async function begun() {
  const world = testWorld({ debug: true, providers: new Map([["wechat_pay", wechatPay]]) });
  clock = () => world.clock.time;
  await world.pay(undefined, { method: "wechat_pay" });
  const reference = await world.reference();
  const transaction = fake.transactions.get(reference);
  if (!transaction) throw new Error("WeChat Pay got no request for a code");
  return { world, reference, transaction };
}

interface Callback {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const send = (world: TestWorld, { body, headers }: Callback) =>
  take(world.service, { params: { method: "wechat_pay" }, headers, rawBody: body, scope });

const TAKEN = { status: 204, body: undefined };

describe("a callback", () => {
  test("captures, and is answered without a body", async () => {
    const { world, reference, transaction } = await begun();
    transaction.state = "SUCCESS";
    expect(await send(world, fake.notice(reference))).toEqual(TAKEN);
    const { attempts } = await world.stored();
    expect(attempts).toMatchObject([{ status: "captured", transaction_id: transaction.transaction_id }]);
  });

  test("that is repeated has no second effect", async () => {
    const { world, reference, transaction } = await begun();
    transaction.state = "SUCCESS";
    const notice = fake.notice(reference);
    await Promise.all(Array.from({ length: 10 }, () => send(world, notice)));
    const { seq, refunds } = await world.stored();
    expect([seq, refunds]).toEqual([1, []]);
  });

  test.each([
    ["another amount", { amount: { total: 1, currency: "CNY" } }, "the amount is not the order's"],
    ["another currency", { amount: { total: TOTAL, currency: "HKD" } }, "the currency is not the order's"],
  ])("over %s is recorded and refunded", async (_, changes, reason) => {
    const { world, reference, transaction } = await begun();
    transaction.state = "SUCCESS";
    expect(await send(world, fake.notice(reference, changes))).toEqual(TAKEN);
    expect((await world.stored()).refunds).toMatchObject([{ automatic: true, reason }]);
  });

  test("older than five minutes is not used: WeChat Pay is queried", async () => {
    const { world, reference } = await begun();
    const paid = { transaction_id: "4200001", trade_state: "SUCCESS" };
    fake.requests.length = 0;
    const old = fake.notice(reference, paid, world.clock.time - 6 * MINUTE);
    expect(await send(world, old)).toEqual(TAKEN);
    expect(fake.requests).toEqual([`GET /v3/pay/transactions/out-trade-no/${reference}`]);
    expect(statusOf(await world.stored())).toBe("pending");
  });

  test("further ahead than five minutes counts for nothing either", async () => {
    const { world, reference } = await begun();
    const paid = { transaction_id: "4200001", trade_state: "SUCCESS" };
    const early = fake.notice(reference, paid, world.clock.time + 6 * MINUTE);
    expect(await send(world, early)).toEqual(TAKEN);
    expect(statusOf(await world.stored())).toBe("pending");
  });

  test.each([
    ["without a signature", (notice: Callback) => ({ ...notice, headers: {} })],
    [
      "with a changed body",
      (notice: Callback) => ({ ...notice, body: notice.body.replace("支付成功", "x") }),
    ],
    [
      "with another key's id",
      (notice: Callback) => ({ ...notice, headers: { ...notice.headers, "wechatpay-serial": "other" } }),
    ],
    [
      "with another time",
      (notice: Callback) => ({ ...notice, headers: { ...notice.headers, "wechatpay-timestamp": "1" } }),
    ],
    [
      "that probes us with a wrong signature",
      (notice: Callback) => ({
        ...notice,
        headers: { ...notice.headers, "wechatpay-signature": "WECHATPAY/SIGNTEST/abc" },
      }),
    ],
  ])("%s is 401 in WeChat Pay's form", async (_, change) => {
    const { world, reference, transaction } = await begun();
    transaction.state = "SUCCESS";
    const refused = await send(world, change(fake.notice(reference)));
    expect(refused).toMatchObject({ status: 401, body: { code: "FAIL" } });
    expect(statusOf(await world.stored())).toBe("pending");
  });

  test("signed by an unknown key is 401, and one encrypted with another key is 400", async () => {
    const { world, reference, transaction } = await begun();
    transaction.state = "SUCCESS";
    const at = world.clock.time;
    const stranger = fake.notice(reference, {}, at, { stranger: true });
    expect(await send(world, stranger)).toMatchObject({ status: 401 });
    const sealed = fake.notice(reference, {}, at, { key: "x".repeat(32) });
    expect(await send(world, sealed)).toMatchObject({ status: 400, body: { code: "FAIL" } });
  });

  test.each([
    ["another merchant's", { mchid: "1900000002" }, 400],
    ["another application's", { appid: "wx0000000000000002" }, 400],
    ["unpaid, of no payment", { out_trade_no: "0".repeat(32), trade_state: "NOTPAY" }, 404],
  ])("that is %s is refused: %p %d", async (_, changes, status) => {
    const { world, reference, transaction } = await begun();
    transaction.state = "SUCCESS";
    const refused = await send(world, fake.notice(reference, changes));
    expect(refused).toMatchObject({ status, body: { code: "FAIL" } });
    expect(statusOf(await world.stored())).toBe("pending");
  });

  test.each([
    ["paid without a transaction", { transaction_id: undefined }, "capture"],
    ["paid in fractions", { amount: { total: 100.5, currency: "CNY" } }, "capture"],
    ["paid in nothing", { amount: { total: 0, currency: "CNY" } }, "capture"],
    ["paid the other way", { amount: { total: -100, currency: "CNY" } }, "capture"],
    ["paid in no currency", { amount: { total: 100, currency: "¥" } }, "capture"],
    ["paid without an amount", { amount: "much" }, "capture"],
    ["of no payment", { out_trade_no: "0".repeat(32) }, "capture"],
    ["in an unknown state", { trade_state: "DISPUTED" }, "callback"],
    ["without a merchant", { mchid: undefined }, "callback"],
    ["of a transaction without a reference", { out_trade_no: undefined }, "callback"],
  ])("that is %s is kept for a person: %p", async (_, changes, kind) => {
    const { world, reference, transaction } = await begun();
    transaction.state = "SUCCESS";
    expect(await send(world, fake.notice(reference, changes))).toEqual(TAKEN);
    expect(await world.unmatched()).toMatchObject([{ method: "wechat_pay", kind }]);
    expect(statusOf(await world.stored())).toBe("pending");
  });

  test("in an unknown state is kept once however often it is sent, and beside one in another unknown state", async () => {
    const { world, reference } = await begun();
    for (const trade_state of ["DISPUTED", "DISPUTED", "FROZEN", "FROZEN"]) {
      world.clock.time += 1_000;
      expect(await send(world, fake.notice(reference, { trade_state }))).toEqual(TAKEN);
    }
    expect(await world.unmatched()).toHaveLength(2);
  });

  test("over more than any order may cost is recorded, and owed", async () => {
    const { world, reference, transaction } = await begun();
    transaction.state = "SUCCESS";
    const amount = { total: 100_000_000_001, currency: "CNY" };
    expect(await send(world, fake.notice(reference, { amount }))).toEqual(TAKEN);
    expect((await world.stored()).refunds).toMatchObject([{ automatic: true, amount: 100_000_000_001 }]);
  });

  test("about a refund that was not requested here is parked", async () => {
    const { world, reference, transaction } = await begun();
    transaction.state = "SUCCESS";
    await send(world, fake.notice(reference));
    const before = await world.stored();
    for (let time = 1; time <= 2; time += 1) {
      expect(await send(world, fake.refundNotice(reference, "made-in-the-portal"))).toEqual(TAKEN);
    }
    expect(await world.unmatched()).toMatchObject([
      { kind: "refund", reference, transaction_id: "made-in-the-portal" },
    ]);
    expect(await world.stored()).toEqual(before);
  });

  test("in which an amount stands twice is kept for a person", async () => {
    const { world, reference, transaction } = await begun();
    transaction.state = "SUCCESS";
    const { mchid, appid } = { mchid: fake.settings.merchantId, appid: fake.settings.appId };
    const { transaction_id } = transaction;
    const paid = JSON.stringify({
      mchid,
      appid,
      out_trade_no: reference,
      transaction_id,
      trade_state: "SUCCESS",
    });
    const twice = paid.replace("}", `,"amount":{"total":${TOTAL}},"amount":{"total":1}}`);
    const { body, headers } = fake.envelope("TRANSACTION.SUCCESS", twice, clock());
    expect(await send(world, { body, headers })).toEqual(TAKEN);
    expect(await world.unmatched()).toMatchObject([{ method: "wechat_pay", kind: "callback", reference }]);
    expect(statusOf(await world.stored())).toBe("pending");
  });

  test("about something else is taken without any effect", async () => {
    const { world } = await begun();
    const other = fake.envelope("COUPON.USE", { coupon_id: "1" }, world.clock.time);
    expect(await send(world, other)).toEqual(TAKEN);
  });

  /** A payment of which WeChat Pay has refused a refund of 60.00. */
  async function refused() {
    const begin = await begun();
    const { world, reference, transaction } = begin;
    transaction.state = "SUCCESS";
    await send(world, fake.notice(reference));
    const ask = async (amount?: number) => {
      const body = { reason: "broken", ...(amount === undefined ? {} : { amount }) };
      const params = { id: PAYMENT_ID };
      await refund(world.service, { params, body, user: buyer, scope, idempotencyKey: undefined });
      await world.relay();
    };
    fake.refundsEnd = "CLOSED";
    await ask(6_000);
    const [first] = (await world.stored()).refunds;
    const made = transaction.refunds.get(first?.id ?? "");
    if (first?.status !== "rejected" || !made) throw new Error("It was not refused");
    return { ...begin, ask, id: first.id, made };
  }

  test("about a refund that was refused has it counted once WeChat Pay says that it is made", async () => {
    const { world, reference, id, made } = await refused();
    const before = await world.stored();
    // It repeats what we know.
    expect(await send(world, fake.refundNotice(reference, id))).toEqual(TAKEN);
    expect(await world.stored()).toEqual(before);
    made.status = "SUCCESS";
    for (let time = 1; time <= 2; time += 1)
      expect(await send(world, fake.refundNotice(reference, id))).toEqual(TAKEN);
    await world.relay();
    const after = await world.stored();
    expect(after.refunds).toMatchObject([{ status: "done", amount: 6_000 }]);
    expect(statusOf(after)).toBe("partially_refunded");
    expect(world.order.events.at(-1)).toMatchObject({ refunded_amount: 6_000 });
    expect(world.parties.facts.filter(({ event }) => event === "payment.refunded")).toHaveLength(1);
    expect(await world.unmatched()).toEqual([]);
  });

  test("about a refund that was refused and made beside the one in its place is kept for a person", async () => {
    const { world, reference, transaction, ask, id, made } = await refused();
    transaction.refunds.delete(id);
    fake.refundsEnd = "SUCCESS";
    await ask();
    const before = await world.stored();
    expect(statusOf(before)).toBe("refunded");
    transaction.refunds.set(id, { ...made, status: "SUCCESS" });
    expect(await send(world, fake.refundNotice(reference, id))).toEqual(TAKEN);
    expect(await world.unmatched()).toMatchObject([{ kind: "refund", transaction_id: id }]);
    expect((await world.stored()).refunds).toEqual(before.refunds);
  });

  test("about a refund has WeChat Pay queried at once", async () => {
    const { world, reference, transaction } = await begun();
    transaction.state = "SUCCESS";
    await send(world, fake.notice(reference));
    fake.refundsEnd = "PROCESSING";
    const params = { id: PAYMENT_ID };
    const body = { reason: "broken" };
    await refund(world.service, { params, body, user: buyer, scope, idempotencyKey: undefined });
    await world.relay();
    const [requested] = (await world.stored()).refunds;
    expect(requested?.status).toBe("requested");
    const [known] = transaction.refunds.values();
    if (known) known.status = "SUCCESS";
    await world.relay();
    expect((await world.stored()).refunds).toMatchObject([{ status: "requested" }]);
    expect(await send(world, fake.refundNotice(reference, requested?.id ?? ""))).toEqual(TAKEN);
    await world.relay();
    expect(statusOf(await world.stored())).toBe("refunded");
    expect(transaction.refunds.size).toBe(1);
  });
});

describe("while WeChat Pay's key changes", () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const certificate = {
    id: "5157F09EFDC096DE15EBE81A47057A7232F1B8E2",
    key: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };

  afterEach(() => {
    fake.signer = undefined;
  });

  test("answers and callbacks by the one or the other are accepted, and the new one is requested", async () => {
    const both = createWechatPay({ ...fake.settings, previousKey: certificate });
    for (const signer of [undefined, { id: certificate.id, privateKey }]) {
      fake.signer = signer;
      fake.begin(REFERENCE, TOTAL, "SUCCESS");
      expect(await both.query(REFERENCE)).toMatchObject({ state: "captured" });
      const { headers, body } = fake.notice(REFERENCE);
      expect(await both.parseCallback(headers, body)).toMatchObject({
        about: "charge",
        reference: REFERENCE,
      });
    }
  });

  test("a key that is not set counts as unknown", async () => {
    fake.signer = { id: certificate.id, privateKey };
    fake.begin(REFERENCE, TOTAL, "SUCCESS");
    await expect(wechatPay.query(REFERENCE)).rejects.toBeInstanceOf(ProviderFailure);
    const { headers, body } = fake.notice(REFERENCE);
    await expect(wechatPay.parseCallback(headers, body)).rejects.toMatchObject({ code: "signature_invalid" });
  });

  test("the one does not vouch for what names the other", async () => {
    const both = createWechatPay({ ...fake.settings, previousKey: certificate });
    fake.signer = { id: certificate.id, privateKey };
    const { headers, body } = fake.notice(REFERENCE);
    const renamed = { ...headers, "wechatpay-serial": fake.settings.publicKeyId };
    await expect(both.parseCallback(renamed, body)).rejects.toMatchObject({ code: "signature_invalid" });
  });
});

test("a failure names the request by WeChat Pay's own id, for its support", async () => {
  fake.misbehaves = "answers 500";
  await expect(wechatPay.query(REFERENCE)).rejects.toThrow("Request-ID 08F78BB6AF0610D302");
});

describe("an attempt with WeChat Pay", () => {
  test("is cancelled at WeChat Pay first; a capture that was faster is recorded, and 409", async () => {
    const { world, transaction } = await begun();
    transaction.state = "SUCCESS";
    const stop = cancel(world.service, { params: { id: PAYMENT_ID }, body: {}, user: buyer, scope });
    await expect(stop).rejects.toMatchObject({ kind: "conflict", code: "payment_not_cancellable" });
    expect(statusOf(await world.stored())).toBe("succeeded");
  });

  test("whose callback was lost pays within half a minute", async () => {
    const { world, transaction } = await begun();
    transaction.state = "SUCCESS";
    world.clock.time += 30_000;
    await world.relay();
    expect(statusOf(await world.stored())).toBe("succeeded");
  });
});
