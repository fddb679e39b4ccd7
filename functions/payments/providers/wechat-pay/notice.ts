// WeChat Pay's callback: JSON, signed in headers, with its content encrypted
// (https://pay.weixin.qq.com/doc/v3/merchant/4012071382).

import { Aes, Formatter, Rsa } from "wechatpay-axios-plugin";
import * as z from "zod";
import { parseJson, tried } from "../../../../lib/core/tried.ts";
import type { Headers } from "../../../../lib/http/request-scope.ts";
import { strictJson } from "../../../../lib/http/strict-json.ts";
import { malformed, notOurs, signatureInvalid, signatureMissing } from "../callback-problems.ts";
import { boundedId, reportedText } from "../captured.ts";
import type { Notice } from "../provider.ts";
import { platformKeys, type WechatPaySettings } from "./settings.ts";
import { chargeState, reportedBy, transaction } from "./trade.ts";

type Keys = Pick<
  WechatPaySettings,
  "publicKey" | "publicKeyId" | "previousKey" | "apiV3Key" | "merchantId" | "appId"
>;

const envelope = z.object({
  event_type: z.string(),
  resource: z.object({
    algorithm: z.literal("AEAD_AES_256_GCM"),
    ciphertext: z.string(),
    nonce: z.string(),
    associated_data: z.string().default(""),
  }),
});

const refund = z.object({
  mchid: z.string(),
  out_trade_no: z.string().min(1),
  out_refund_no: z.string().min(1),
  transaction_id: z.string().catch(""),
  amount: z.unknown().optional(),
});

/** Content of another shape, in which some fields about money may still be found. */
const anything = z.record(z.string(), z.unknown()).catch({});

/**
 * Verifies, decrypts and reads a callback. One that can't be decrypted is refused: WeChat Pay repeats it, and replies to queries
 * meanwhile, so nothing is lost by a wrong `WECHAT_PAY_API_V3_KEY`.
 * @throws {DomainError} unauthenticated; malformed when it is not encrypted with our key, or is for another merchant.
 */
export function readWechatPayNotice(keys: Keys, headers: Headers, rawBody: string): Notice {
  const sent_at = verified(keys, headers, rawBody);
  const { event_type, resource } = envelopeOf(rawBody);
  const isRefund = event_type.startsWith("REFUND.");
  if (!isRefund && !event_type.startsWith("TRANSACTION.")) return { about: "other" };
  const content = decrypted(keys, resource);
  return isRefund ? refundNotice(keys, content) : chargeNotice(keys, content, sent_at);
}

function refundNotice({ merchantId }: Keys, content: string): Notice {
  const { success, data } = refund.safeParse(strictJson(content));
  if (!success) return unreadable(content);
  if (data.mchid !== merchantId) throw notOurs();
  const { out_trade_no: reference, out_refund_no: transaction_id, amount } = data;
  const capture = boundedId(data.transaction_id);
  const reported = { reference, transaction_id, amount: reportedText(amount), currency: "CNY" };
  return { about: "refund", text: content, reported, capture };
}

function chargeNotice({ merchantId, appId }: Keys, content: string, sent_at: number): Notice {
  const { success, data } = transaction.safeParse(strictJson(content));
  if (!success) return unreadable(content);
  if (data.mchid !== merchantId || data.appid !== appId) throw notOurs();
  const charge = chargeState(data);
  return charge
    ? { about: "charge", text: content, reference: data.out_trade_no, charge, sent_at }
    : { about: "unreadable", text: content, reported: reportedBy(data), content };
}

function unreadable(content: string): Notice {
  const { out_trade_no, out_refund_no, transaction_id, amount } = anything.parse(parseJson(content));
  const reported = {
    reference: reportedText(out_trade_no),
    transaction_id: reportedText(out_refund_no ?? transaction_id),
    amount: reportedText(amount),
    currency: "",
  };
  return { about: "unreadable", text: content, reported, content };
}

/** Verifies the signature. Returns when it was signed, in epoch milliseconds. */
function verified(keys: Keys, headers: Headers, rawBody: string): number {
  const timestamp = headers["wechatpay-timestamp"];
  const nonce = headers["wechatpay-nonce"];
  const signature = headers["wechatpay-signature"];
  if (!timestamp || !/^\d{1,12}$/.test(timestamp) || !nonce || !signature) {
    throw signatureMissing("Sign the callback in the headers Wechatpay-Timestamp, -Nonce and -Signature.");
  }
  const publicKey = platformKeys(keys).get(headers["wechatpay-serial"] ?? "");
  if (publicKey === undefined) throw signatureInvalid();
  const message = Formatter.response(timestamp, nonce, rawBody);
  if (!tried(() => Rsa.verify(message, signature, publicKey))) throw signatureInvalid();
  return Number(timestamp) * 1_000;
}

function decrypted({ apiV3Key }: Keys, resource: z.output<typeof envelope>["resource"]): string {
  const { ciphertext, nonce, associated_data } = resource;
  const text = tried(() => Aes.AesGcm.decrypt(ciphertext, apiV3Key, nonce, associated_data));
  if (text === undefined) throw malformed();
  return text;
}

function envelopeOf(rawBody: string): z.output<typeof envelope> {
  const { success, data } = envelope.safeParse(strictJson(rawBody));
  if (!success) throw malformed();
  return data;
}
