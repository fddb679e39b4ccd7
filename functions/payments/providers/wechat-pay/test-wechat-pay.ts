// A fake of WeChat Pay's API v3 on loopback: it checks what it is sent as WeChat Pay documents it (not by the SDK's
// code), answers signed, in the shapes of the public documentation, and can misbehave.

import {
  createCipheriv,
  createSign,
  createVerify,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import type { Minor } from "../../../../lib/money/money.ts";
import { offsetBeijingTime } from "../beijing-time.ts";
import { type Given, type Misbehaviour, type ReceivedRequest, serve } from "../test-gateway.ts";
import type { WechatPaySettings } from "./settings.ts";

const keys = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const ours = keys();
const wechats = keys();
const strangers = keys();

const MCHID = "1900000001";
const APPID = "wx0000000000000001";
const SERIAL = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
const KEY_ID = "PUB_KEY_ID_0000000000000000000000000000000000";
const API_V3_KEY = "0123456789abcdef0123456789abcdef";

type TradeState = "NOTPAY" | "SUCCESS" | "CLOSED" | "REFUND" | "USERPAYING" | "PAYERROR";
type RefundStatus = "SUCCESS" | "CLOSED" | "PROCESSING" | "ABNORMAL";

export interface FakeTransaction {
  readonly transaction_id: string;
  readonly total: Minor;
  readonly expires: string;
  state: TradeState;
  readonly refunds: Map<string, { readonly amount: Minor; readonly reason: string; status: RefundStatus }>;
}

export async function startFakeWechatPay(now: () => number = Date.now) {
  const fake = {
    transactions: new Map<string, FakeTransaction>(),
    /** Method and path of the requests it received, in order. */
    requests: [] as string[],
    misbehaves: undefined as Misbehaviour | undefined,
    refuses: undefined as { readonly status: number; readonly code: string } | undefined,
    /** Signs instead of the key that is set, under an id of its own. */
    signer: undefined as { readonly id: string; readonly privateKey: KeyObject } | undefined,
    /** What becomes of new refunds. */
    refundsEnd: "SUCCESS" as RefundStatus,
  };

  function answer(request: ReceivedRequest): Given | undefined {
    const path = request.target.split("?")[0] ?? "";
    fake.requests.push(`${request.method} ${path}`);
    if (fake.misbehaves === "hangs") return undefined;
    if (!introducesItself(request)) return refusal(400, "INVALID_REQUEST");
    if (!signedByUs(request)) return refusal(401, "SIGN_ERROR");
    if (fake.refuses) return refusal(fake.refuses.status, fake.refuses.code);
    const { status, body } = perform(request, path);
    const given =
      status > 299
        ? refusal(status, body["code"] ?? "")
        : signed(status, status === 204 ? "" : JSON.stringify(body));
    switch (fake.misbehaves) {
      case "hangs after doing it":
        return undefined;
      case "answers 500":
        return refusal(500, "SYSTEM_ERROR");
      case "answers garbage":
        return signed(200, "<html>busy</html>");
      case "does not sign":
        return { ...given, headers: { "content-type": "application/json" } };
      default:
        return given;
    }
  }

  const signerOf = (stranger: boolean) =>
    stranger
      ? { id: KEY_ID, privateKey: strangers.privateKey }
      : (fake.signer ?? { id: KEY_ID, privateKey: wechats.privateKey });

  function signed(status: number, body: string): Given {
    // The SDK compares it with the real time.
    const headers = signatureOf(body, Date.now(), signerOf(fake.misbehaves === "signs with another key"));
    return { status, headers: { "content-type": "application/json; charset=utf-8", ...headers }, body };
  }

  // biome-ignore lint/suspicious/noExplicitAny: an answer of any route.
  function perform({ method, target, body }: ReceivedRequest, path: string): { status: number; body: any } {
    const sent = body === "" ? {} : JSON.parse(body);
    if (path === "/v3/pay/transactions/native") {
      const { appid, mchid, out_trade_no, amount, description, notify_url, time_expire } = sent;
      const fits =
        appid === APPID && mchid === MCHID && description && notify_url && amount.currency === "CNY";
      if (!fits || !Number.isInteger(amount.total)) return { status: 400, body: { code: "PARAM_ERROR" } };
      begin(out_trade_no, amount.total, "NOTPAY", time_expire);
      return { status: 200, body: { code_url: `weixin://wxpay/bizpayurl?pr=${out_trade_no.slice(-7)}` } };
    }
    if (path === "/v3/refund/domestic/refunds") return refund(sent);
    const [, refundId] = /^\/v3\/refund\/domestic\/refunds\/([^/]+)$/.exec(path) ?? [];
    if (refundId !== undefined) return queryRefund(refundId);
    const [, reference = "", closing] =
      /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+?)(\/close)?$/.exec(path) ?? [];
    const transaction = fake.transactions.get(reference);
    const mchid = closing ? sent.mchid : new URL(target, "http://x").searchParams.get("mchid");
    if (mchid !== MCHID) return { status: 400, body: { code: "PARAM_ERROR" } };
    if (!transaction) return { status: 404, body: { code: "ORDER_NOT_EXIST" } };
    if (!closing && method === "GET") return { status: 200, body: resourceOf(reference, transaction) };
    if (transaction.state === "SUCCESS") return { status: 400, body: { code: "ORDERPAID" } };
    transaction.state = "CLOSED";
    return { status: 204, body: {} };
  }

  // biome-ignore lint/suspicious/noExplicitAny: the body of a request as it was sent.
  function refund({ transaction_id, out_refund_no, reason, amount }: any) {
    const transaction = [...fake.transactions.values()].find((one) => one.transaction_id === transaction_id);
    if (!transaction) return { status: 404, body: { code: "RESOURCE_NOT_EXISTS" } };
    if (amount.total !== transaction.total || Buffer.byteLength(reason) > 80) {
      return { status: 400, body: { code: "PARAM_ERROR" } };
    }
    const given = [...transaction.refunds.values()].reduce((sum, one) => sum + one.amount, 0);
    if (!transaction.refunds.has(out_refund_no)) {
      if (given + amount.refund > transaction.total)
        return { status: 400, body: { code: "INVALID_REQUEST" } };
      transaction.refunds.set(out_refund_no, { amount: amount.refund, reason, status: fake.refundsEnd });
      transaction.state = "REFUND";
    }
    return queryRefund(out_refund_no);
  }

  function queryRefund(id: string) {
    for (const { refunds, transaction_id } of fake.transactions.values()) {
      const found = refunds.get(id);
      if (!found) continue;
      const { status, amount } = found;
      return {
        status: 200,
        body: {
          refund_id: `5030${id.slice(0, 8)}`,
          out_refund_no: id,
          transaction_id,
          status,
          amount: { refund: amount },
        },
      };
    }
    return { status: 404, body: { code: "RESOURCE_NOT_EXISTS" } };
  }

  function begin(reference: string, total: Minor, state: TradeState, expires = ""): FakeTransaction {
    const transaction_id = `4200001${String(fake.transactions.size).padStart(21, "0")}`;
    const transaction: FakeTransaction = { transaction_id, total, expires, state, refunds: new Map() };
    fake.transactions.set(reference, transaction);
    return transaction;
  }

  /** A transaction as queries answer it and callbacks carry it. */
  function resourceOf(reference: string, { transaction_id, total, state }: FakeTransaction): object {
    const base = {
      appid: APPID,
      mchid: MCHID,
      out_trade_no: reference,
      trade_state: state,
      trade_state_desc: "…",
    };
    if (state !== "SUCCESS" && state !== "REFUND") return { ...base, amount: { total, currency: "CNY" } };
    return {
      ...base,
      transaction_id,
      trade_type: "NATIVE",
      bank_type: "OTHERS",
      attach: "",
      success_time: offsetBeijingTime(now()),
      payer: { openid: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" },
      amount: { total, payer_total: total, currency: "CNY", payer_currency: "CNY" },
    };
  }

  const server = await serve(answer);
  const settings: WechatPaySettings = {
    merchantId: MCHID,
    appId: APPID,
    serial: SERIAL,
    privateKey: ours.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKey: wechats.publicKey.export({ type: "spki", format: "pem" }).toString(),
    publicKeyId: KEY_ID,
    apiV3Key: API_V3_KEY,
    gateway: server.url,
    notifyUrl: "https://shop.example/api/payments/callback/wechat_pay/",
    timeoutMs: 10_000,
  };

  /** A callback of `event` that carries `resource`, signed at `at`. */
  function envelope(
    event: string,
    resource: object | string,
    at: number,
    { key = API_V3_KEY, stranger = false } = {},
  ) {
    const nonce = randomBytes(6).toString("hex");
    const associated_data = event.startsWith("REFUND") ? "refund" : "transaction";
    const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(associated_data));
    const sealed = [cipher.update(textOf(resource), "utf8"), cipher.final(), cipher.getAuthTag()];
    const body = JSON.stringify({
      id: "EV-2018022511223320873",
      create_time: offsetBeijingTime(at),
      resource_type: "encrypt-resource",
      event_type: event,
      summary: "支付成功",
      resource: {
        original_type: associated_data,
        algorithm: "AEAD_AES_256_GCM",
        ciphertext: Buffer.concat(sealed).toString("base64"),
        associated_data,
        nonce,
      },
    });
    return { body, headers: signatureOf(body, at, signerOf(stranger)) };
  }

  return Object.assign(fake, {
    settings,
    close: server.close,
    begin,
    envelope,
    /** The callback about a transaction; `changes` are made before it is encrypted and signed. */
    notice(
      reference: string,
      changes: object = {},
      at = now(),
      how: { key?: string; stranger?: boolean } = {},
    ) {
      const known = fake.transactions.get(reference) ?? begin(reference, 1, "SUCCESS");
      const resource = { ...resourceOf(reference, known), ...changes };
      return envelope("TRANSACTION.SUCCESS", resource, at, how);
    },
    refundNotice(reference: string, refundId: string, at = now()) {
      const resource = {
        mchid: MCHID,
        out_trade_no: reference,
        out_refund_no: refundId,
        refund_status: "SUCCESS",
      };
      return envelope("REFUND.SUCCESS", resource, at);
    },
  });
}

export type FakeWechatPay = Awaited<ReturnType<typeof startFakeWechatPay>>;

/** https://pay.weixin.qq.com/docs/merchant/development/interface-rules/basic-rules.html: without these it answers 400. */
const introducesItself = ({ headers, method }: ReceivedRequest): boolean =>
  /application\/json|\*\/\*/.test(headers.accept ?? "") &&
  (headers["user-agent"] ?? "") !== "" &&
  (method === "GET" || /^application\/json/.test(headers["content-type"] ?? ""));

/**
 * https://pay.weixin.qq.com/doc/v3/merchant/4012365342: five lines, SHA-256 with RSA, named in `Authorization`; and the key by
 * which the answer is to be signed, in `Wechatpay-Serial`.
 */
function signedByUs({ method, target, headers, body }: ReceivedRequest): boolean {
  const [scheme, named = ""] = (headers.authorization ?? "").split(" ");
  const parts = Object.fromEntries(
    [...named.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  );
  if (headers["wechatpay-serial"] !== KEY_ID) return false;
  const { mchid, serial_no, nonce_str, timestamp, signature = "" } = parts;
  if (scheme !== "WECHATPAY2-SHA256-RSA2048" || mchid !== MCHID || serial_no !== SERIAL) return false;
  const message = `${method}\n${target}\n${timestamp}\n${nonce_str}\n${body}\n`;
  return createVerify("RSA-SHA256").update(message).verify(ours.publicKey, signature, "base64");
}

function signatureOf(
  body: string,
  at: number,
  signer: { readonly id: string; readonly privateKey: KeyObject },
) {
  const timestamp = String(Math.floor(at / 1_000));
  const nonce = randomBytes(16).toString("hex");
  return {
    "wechatpay-timestamp": timestamp,
    "wechatpay-nonce": nonce,
    "wechatpay-serial": signer.id,
    "wechatpay-signature": createSign("RSA-SHA256")
      .update(`${timestamp}\n${nonce}\n${body}\n`)
      .sign(signer.privateKey, "base64"),
  };
}

const textOf = (resource: object | string): string =>
  typeof resource === "string" ? resource : JSON.stringify(resource);

/** Refusals are not signed. */
const refusal = (status: number, code: string): Given => ({
  status,
  headers: { "content-type": "application/json", "Request-ID": "08F78BB6AF0610D302" },
  body: JSON.stringify({ code, message: "失败" }),
});
