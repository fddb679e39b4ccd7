// WeChat Pay's callback: JSON, signed in headers, with its content encrypted
// (https://pay.weixin.qq.com/doc/v3/merchant/4012071382).

import { Aes, Formatter, Rsa } from "wechatpay-axios-plugin";
import * as z from "zod";
import type { Headers } from "../../../../lib/http/request-scope.ts";
import { malformed, notOurs, signatureInvalid, signatureMissing } from "../callback-problems.ts";
import type { Notice } from "../provider.ts";
import type { WechatPaySettings } from "./settings.ts";
import { chargeState, transaction } from "./trade.ts";

type Keys = Pick<WechatPaySettings, "publicKey" | "publicKeyId" | "apiV3Key" | "merchantId" | "appId">;

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
  out_trade_no: z.string().min(1).max(64),
  out_refund_no: z.string().min(1).max(64),
});

/** Verifies, decrypts and reads a callback. @throws {Problem} 401, or 400 when it is signed but of no use. */
export function readWechatPayNotice(keys: Keys, headers: Headers, rawBody: string): Notice {
  const sent_at = verified(keys, headers, rawBody);
  const { event_type, resource } = read(envelope, rawBody);
  if (event_type.startsWith("REFUND.")) {
    const { mchid, out_trade_no, out_refund_no } = read(refund, decrypted(keys, resource));
    if (mchid !== keys.merchantId) throw notOurs();
    return { about: "refund", reference: out_trade_no, refund_id: out_refund_no };
  }
  if (!event_type.startsWith("TRANSACTION.")) return { about: "other" };
  const told = read(transaction, decrypted(keys, resource));
  if (told.mchid !== keys.merchantId || told.appid !== keys.appId) throw notOurs();
  const charge = chargeState(told);
  if (!charge) throw malformed();
  return { about: "charge", reference: told.out_trade_no, charge, sent_at };
}

/** When it was signed, in epoch milliseconds. */
function verified({ publicKey, publicKeyId }: Keys, headers: Headers, rawBody: string): number {
  const timestamp = headers["wechatpay-timestamp"];
  const nonce = headers["wechatpay-nonce"];
  const signature = headers["wechatpay-signature"];
  if (!timestamp || !/^\d{1,12}$/.test(timestamp) || !nonce || !signature) {
    throw signatureMissing("Sign the callback in the headers Wechatpay-Timestamp, -Nonce and -Signature.");
  }
  if (headers["wechatpay-serial"] !== publicKeyId) throw signatureInvalid();
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

function read<S extends z.ZodType>(schema: S, text: string): z.output<S> {
  const parsed = schema.safeParse(tried((): unknown => JSON.parse(text)));
  if (!parsed.success) throw malformed();
  return parsed.data;
}

function tried<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
