// A fake of Alipay's gateway on loopback: it checks what it is sent as Alipay documents it (not by the SDK's code),
// answers signed, in the shapes of the public documentation, and can misbehave.

import { createSign, createVerify, generateKeyPairSync } from "node:crypto";
import { formatAmount, type Minor, parseAmount } from "../../../../lib/money/money.ts";
import { plainBeijingTime } from "../beijing-time.ts";
import { type Given, type Misbehaviour, type ReceivedRequest, serve } from "../test-gateway.ts";
import type { AlipaySettings } from "./settings.ts";

const APP_ID = "2021000000000001";
const keys = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const ours = keys();
const alipays = keys();
const strangers = keys();

export interface FakeTrade {
  readonly trade_no: string;
  readonly total: Minor;
  status: "WAIT_BUYER_PAY" | "TRADE_CLOSED" | "TRADE_SUCCESS" | "TRADE_FINISHED";
  readonly refunds: Map<string, Minor>;
}

type Content = Readonly<Record<string, string>>;

export async function startFakeAlipay(now: () => number = Date.now) {
  const fake = {
    trades: new Map<string, FakeTrade>(),
    /** The methods of the requests it received, in order. */
    requests: [] as string[],
    misbehaves: undefined as Misbehaviour | undefined,
    /** A business code to answer instead of doing it. */
    refuses: undefined as string | undefined,
    /** Refunds are taken, and done when this is set back. */
    slow: false,
  };

  function answer({ target, body }: ReceivedRequest): Given | undefined {
    const fields = fieldsOf(target, body);
    const method = fields["method"] ?? "";
    fake.requests.push(method);
    if (fake.misbehaves === "hangs") return undefined;
    const inner = signedByUs(fields)
      ? fake.refuses === undefined
        ? perform(method, JSON.parse(fields["biz_content"] ?? "{}"))
        : failed(fake.refuses)
      : { code: "40002", msg: "Invalid Arguments", sub_code: "isv.invalid-signature" };
    return answered(method, JSON.stringify(inner));
  }

  function answered(method: string, inner: string): Given | undefined {
    const headers = { "content-type": "text/html;charset=utf-8" };
    const signer = fake.misbehaves === "signs with another key" ? strangers : alipays;
    const sign = createSign("RSA-SHA256").update(inner, "utf8").sign(signer.privateKey, "base64");
    const signature = fake.misbehaves === "does not sign" ? "" : `,"sign":"${sign}"`;
    const text = `{"${method.replaceAll(".", "_")}_response":${inner}${signature}}`;
    switch (fake.misbehaves) {
      case "hangs after doing it":
        return undefined;
      case "answers 500":
        return { status: 500, headers, body: "Server Error" };
      case "answers garbage":
        return { status: 200, headers, body: "<html>busy</html>" };
      default:
        return { status: 200, headers, body: text };
    }
  }

  function perform(method: string, content: Content): object {
    const reference = content["out_trade_no"] ?? "";
    const trade = fake.trades.get(reference);
    if (method === "alipay.trade.precreate") {
      return done({ out_trade_no: reference, qr_code: `https://qr.alipay.example/${reference}` });
    }
    if (!trade) return failed("ACQ.TRADE_NOT_EXIST");
    const known = { out_trade_no: reference, trade_no: trade.trade_no };
    if (method === "alipay.trade.query") {
      const { status, total } = trade;
      return done({
        ...known,
        trade_status: status,
        total_amount: formatAmount(total),
        buyer_logon_id: "159****5620",
        send_pay_date: plainBeijingTime(now()),
      });
    }
    if (method === "alipay.trade.close") {
      if (trade.status !== "WAIT_BUYER_PAY") return failed("ACQ.TRADE_STATUS_ERROR");
      trade.status = "TRADE_CLOSED";
      return done(known);
    }
    if (method === "alipay.trade.refund") return refund(trade, known, content);
    if (method === "alipay.trade.fastpay.refund.query") {
      const amount = trade.refunds.get(content["out_request_no"] ?? "");
      if (amount === undefined || fake.slow) return done({});
      return done({ ...known, refund_status: "REFUND_SUCCESS", refund_amount: formatAmount(amount) });
    }
    return failed("isv.invalid-method");
  }

  function refund(trade: FakeTrade, known: object, content: Content): object {
    const id = content["out_request_no"] ?? "";
    const amount = parseAmount(content["refund_amount"] ?? "") ?? 0;
    if (trade.status === "WAIT_BUYER_PAY") return failed("ACQ.TRADE_STATUS_ERROR");
    const repeated = trade.refunds.has(id);
    const given = [...trade.refunds.values()].reduce((sum, one) => sum + one, 0);
    if (!repeated && given + amount > trade.total) return failed("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL");
    trade.refunds.set(id, amount);
    if (given + (repeated ? 0 : amount) === trade.total) trade.status = "TRADE_CLOSED";
    return done({
      ...known,
      fund_change: repeated || fake.slow ? "N" : "Y",
      refund_fee: formatAmount(given),
    });
  }

  const server = await serve(answer);
  const settings: AlipaySettings = {
    appId: APP_ID,
    privateKey: ours.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKey: alipays.publicKey.export({ type: "spki", format: "pem" }).toString(),
    gateway: `${server.url}/gateway.do`,
    checkout: "page",
    returnUrl: undefined,
    notifyUrl: "https://shop.example/api/payments/callback/alipay/",
    timeoutMs: 10_000,
    now,
  };

  const whole = Object.assign(fake, {
    settings,
    close: server.close,
    /** The payer has opened the page or scanned the code; with `paid` they have also paid. */
    begin(reference: string, total: Minor, paid: boolean): FakeTrade {
      const trade: FakeTrade = {
        trade_no: `2026110122001${String(fake.trades.size).padStart(15, "0")}`,
        total,
        status: paid ? "TRADE_SUCCESS" : "WAIT_BUYER_PAY",
        refunds: new Map(),
      };
      fake.trades.set(reference, trade);
      return trade;
    },
    /** The signed form that Alipay posts about a trade; `changes` are made before it is signed. */
    notice(reference: string, changes: Content = {}, signer: "alipay" | "stranger" = "alipay"): string {
      const trade = fake.trades.get(reference);
      const fields: Record<string, string> = {
        gmt_create: plainBeijingTime(now() - 60_000),
        charset: "utf-8",
        gmt_payment: plainBeijingTime(now()),
        notify_time: plainBeijingTime(now()),
        subject: "Order 0190a000-0000-7000-8000-000000000001 中文 100%",
        buyer_id: "2088102116773037",
        version: "1.0",
        notify_id: "2026110100222200000000000000000001",
        notify_type: "trade_status_sync",
        out_trade_no: reference,
        total_amount: formatAmount(trade?.total ?? 0),
        trade_status: trade?.status ?? "WAIT_BUYER_PAY",
        trade_no: trade?.trade_no ?? "2026110122001000000000000000",
        auth_app_id: APP_ID,
        receipt_amount: formatAmount(trade?.total ?? 0),
        app_id: APP_ID,
        seller_id: "2088102119685838",
        ...changes,
      };
      const text = Object.keys(fields)
        .sort()
        .map((key) => `${key}=${fields[key]}`)
        .join("&");
      const { privateKey } = signer === "alipay" ? alipays : strangers;
      const sign = createSign("RSA-SHA256").update(text, "utf8").sign(privateKey, "base64");
      return new URLSearchParams({ ...fields, sign_type: "RSA2", sign }).toString();
    },
    /** The form of a trade whose subject is 张三 in GBK, signed over those bytes, as merchants get it who once chose GBK. */
    gbkNotice(reference: string, charset = "GBK"): string {
      const utf8 = Object.fromEntries(new URLSearchParams(whole.notice(reference, { charset })));
      const { sign: _sign, sign_type, subject: _subject, ...rest } = utf8;
      const fields = new Map(Object.entries(rest).map(([name, value]) => [name, Buffer.from(value)]));
      fields.set("subject", Buffer.from("d5c5c8fd", "hex"));
      const text = [...fields.keys()]
        .sort()
        .flatMap((name, index) => [
          Buffer.from(`${index === 0 ? "" : "&"}${name}=`),
          fields.get(name) ?? Buffer.alloc(0),
        ]);
      const sign = createSign("RSA-SHA256").update(Buffer.concat(text)).sign(alipays.privateKey, "base64");
      const encoded = [...fields].map(([name, value]) => `${name}=${percentEncoded(value)}`);
      return [...encoded, `sign_type=${sign_type}`, `sign=${encodeURIComponent(sign)}`].join("&");
    },
    /** What a payment page's URL asks for, if it is signed by us. */
    page(url: string): { readonly fields: Content; readonly content: Content } {
      const fields = fieldsOf(url, "");
      if (!signedByUs(fields)) throw new Error("The page's URL is not signed by the application's key");
      return { fields, content: JSON.parse(fields["biz_content"] ?? "{}") };
    },
  });
  return whole;
}

export type FakeAlipay = Awaited<ReturnType<typeof startFakeAlipay>>;

const percentEncoded = (bytes: Buffer): string =>
  [...bytes].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");

/** The public gateway parameters of a request: those of its URL and those of its form. */
function fieldsOf(target: string, body: string): Record<string, string> {
  const { searchParams } = new URL(target, "http://localhost");
  return Object.fromEntries([...searchParams, ...new URLSearchParams(body)]);
}

/** https://opendocs.alipay.com/common/02kf5q: with all public parameters; all fields but `sign`, sorted, joined, SHA-256 with RSA. */
function signedByUs({ sign = "", ...fields }: Record<string, string>): boolean {
  const text = Object.keys(fields)
    .sort()
    .map((key) => `${key}=${fields[key]}`)
    .join("&");
  const verifier = createVerify("RSA-SHA256").update(text, "utf8");
  const asDocumented =
    fields["version"] === "1.0" &&
    fields["charset"] === "utf-8" &&
    fields["sign_type"] === "RSA2" &&
    /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(fields["timestamp"] ?? "");
  return asDocumented && fields["app_id"] === APP_ID && verifier.verify(ours.publicKey, sign, "base64");
}

const done = (data: object) => ({ code: "10000", msg: "Success", ...data });
const failed = (sub_code: string) => ({ code: "40004", msg: "Business Failed", sub_code, sub_msg: "失败" });
