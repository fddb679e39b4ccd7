// Alipay's callback: a form, signed over its sorted fields (https://opendocs.alipay.com/open/270/105902).

import { verify } from "node:crypto";
import * as z from "zod";
import { parseAmount } from "../../../../lib/money/money.ts";
import { parseBeijingTime } from "../beijing-time.ts";
import {
  charsetUnknown,
  malformed,
  notOurs,
  signatureInvalid,
  signatureMissing,
} from "../callback-problems.ts";
import type { Notice } from "../provider.ts";
import { type Form, parseForm, signedContent } from "./form.ts";
import { chargeState, tradeStatus } from "./trade.ts";

const form = z.object({
  app_id: z.string(),
  notify_time: z.string(),
  out_trade_no: z.string().min(1).max(64),
  trade_no: z.string().regex(/^[\x21-\x7e]{1,64}$/),
  trade_status: tradeStatus,
  total_amount: z.string(),
});

/** Charsets that Alipay signs and sends in (https://opendocs.alipay.com/common/02mse7); others are refused. */
const CHARSETS = new Set(["utf-8", "utf8", "gbk", "gb2312", "gb18030"]);

/**
 * Verifies and reads a callback. The signature is checked over the bytes as they were sent, and they are read in the charset
 * that the callback declares, UTF-8 if it declares none.
 * @throws {DomainError} unauthenticated, or malformed when it is signed but of no use.
 */
export function readAlipayNotice(publicKey: string, appId: string, rawBody: string): Notice {
  const bytes = parseForm(rawBody);
  const sign = bytes?.get("sign")?.toString("latin1") ?? "";
  if (!bytes || sign === "" || bytes.get("sign_type")?.toString("latin1") !== "RSA2") {
    throw signatureMissing("Sign the callback in the field sign, with sign_type RSA2.");
  }
  if (!holds(bytes, sign, publicKey)) throw signatureInvalid();
  const { success, data } = form.safeParse(decoded(bytes));
  const amount = success ? parseAmount(data.total_amount) : undefined;
  const sent_at = success ? parseBeijingTime(data.notify_time) : undefined;
  if (!success || amount === undefined || sent_at === undefined) throw malformed();
  if (data.app_id !== appId) throw notOurs();
  const { out_trade_no, trade_no, trade_status } = data;
  return {
    about: "charge",
    reference: out_trade_no,
    charge: chargeState(trade_status, trade_no, amount),
    sent_at,
  };
}

/** Some products sign `sign_type` as well, most do not; what counts is that all else is signed. */
function holds(bytes: Form, sign: string, publicKey: string): boolean {
  const signature = Buffer.from(sign, "base64");
  return [["sign", "sign_type"], ["sign"]].some((except) =>
    verify("RSA-SHA256", signedContent(bytes, except), publicKey, signature),
  );
}

/** The fields as text. @throws {DomainError} malformed for a charset that is not known, or bytes that are none of it. */
function decoded(bytes: Form): Record<string, string> {
  const charset = (bytes.get("charset")?.toString("latin1") || "utf-8").toLowerCase();
  if (!CHARSETS.has(charset)) throw charsetUnknown();
  const decoder = new TextDecoder(charset, { fatal: true });
  try {
    return Object.fromEntries([...bytes].map(([name, value]) => [name, decoder.decode(value)]));
  } catch {
    throw malformed();
  }
}
