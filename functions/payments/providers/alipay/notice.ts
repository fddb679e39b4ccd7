// Alipay's callback: a form, signed over its sorted fields (https://opendocs.alipay.com/open/270/105902).

import { verify } from "node:crypto";
import * as z from "zod";
import { parseCaptured } from "../../../../lib/money/money.ts";
import { parseBeijingTime } from "../beijing-time.ts";
import { notOurs, signatureInvalid, signatureMissing } from "../callback-problems.ts";
import { boundedId } from "../captured.ts";
import type { Notice } from "../provider.ts";
import { type Form, parseForm, signedContent } from "./form.ts";
import { chargeState, reportedBy, trade } from "./trade.ts";

const form = trade.extend({
  notify_time: z.string().default(""),
  /** Set in a notice of a refund: the id of its request, which may be missing if that was made at Alipay, and the amount refunded. */
  out_biz_no: z.string().default(""),
  refund_fee: z.string().default(""),
});

/** Charsets that Alipay uses (https://opendocs.alipay.com/common/02mse7); a notice in another one can't be read. */
const CHARSETS = new Set(["utf-8", "utf8", "gbk", "gb2312", "gb18030"]);

/**
 * Verifies and reads a callback. The signature is verified over the bytes as sent; they are decoded in the charset that the
 * callback declares, by default UTF-8.
 * @throws {DomainError} unauthenticated, or malformed when it is for another application.
 */
export function readAlipayNotice(publicKey: string, appId: string, rawBody: string): Notice {
  const bytes = parseForm(rawBody);
  const sign = bytes?.get("sign")?.toString("latin1") ?? "";
  if (!bytes || sign === "" || bytes.get("sign_type")?.toString("latin1") !== "RSA2") {
    throw signatureMissing("Sign the callback in the field sign, with sign_type RSA2.");
  }
  if (!holds(bytes, sign, publicKey)) throw signatureInvalid();
  const fields = decoded(bytes);
  if ((fields?.["app_id"] ?? latin1(bytes, "app_id")) !== appId) throw notOurs();
  const { success, data } = form.safeParse(fields);
  if (!success) return unreadable(bytes, fields);
  const text = textOf(fields);
  const reported = reportedBy(data);
  // A notice of a payment may have refund_fee=0.00: nothing was refunded.
  const inAll = parseCaptured(data.refund_fee);
  if (inAll !== undefined) {
    const refund = { ...reported, transaction_id: data.out_biz_no, amount: data.refund_fee };
    const named = data.out_biz_no !== "";
    const capture = boundedId(data.trade_no);
    return { about: "refund", text, reported: refund, capture, ...(named ? {} : { inAll }) };
  }
  const charge = chargeState(data);
  if (!charge) return { about: "unreadable", text, reported, content: contentOf(bytes) };
  // Without a time it counts as old, so that Alipay is queried.
  return {
    about: "charge",
    text,
    reference: data.out_trade_no,
    charge,
    sent_at: parseBeijingTime(data.notify_time) ?? 0,
  };
}

/** The fields as text, by name. */
type Fields = Readonly<Record<string, string>>;

const latin1 = (bytes: Form, name: string): string => bytes.get(name)?.toString("latin1") ?? "";

/** A signed notice in an unknown charset, or without the fields that every notice of a trade has. */
const unreadable = (bytes: Form, fields: Fields | undefined): Notice => ({
  about: "unreadable",
  // In an unknown charset each byte is shown as the character of its number, so that none is lost.
  text: fields ? textOf(fields) : contentOf(bytes),
  reported: {
    reference: latin1(bytes, "out_trade_no"),
    transaction_id: latin1(bytes, "trade_no"),
    amount: latin1(bytes, "total_amount"),
    currency: "CNY",
  },
  content: contentOf(bytes),
});

/** Its fields as people read them. */
const textOf = (fields: Fields | undefined): string =>
  Object.entries(fields ?? {})
    .filter(([name]) => name !== "sign" && name !== "sign_type")
    .map(([name, value]) => `${name}=${value}`)
    .join("&");

/** What it says, without what differs between two deliveries of the same notice. */
const contentOf = (bytes: Form): string =>
  signedContent(bytes, ["sign", "sign_type", "notify_time"]).toString("latin1");

/** Some products also sign `sign_type`, most do not: accepts both, as long as all other fields are signed. */
function holds(bytes: Form, sign: string, publicKey: string): boolean {
  const signature = Buffer.from(sign, "base64");
  return [["sign", "sign_type"], ["sign"]].some((except) =>
    verify("RSA-SHA256", signedContent(bytes, except), publicKey, signature),
  );
}

/** The fields as text; undefined for an unknown charset, or bytes that are invalid in it. */
function decoded(bytes: Form): Fields | undefined {
  const charset = (latin1(bytes, "charset") || "utf-8").toLowerCase();
  if (!CHARSETS.has(charset)) return undefined;
  const decoder = new TextDecoder(charset, { fatal: true });
  try {
    return Object.fromEntries([...bytes].map(([name, value]) => [name, decoder.decode(value)]));
  } catch {
    return undefined;
  }
}
