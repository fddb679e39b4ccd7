// Alipay's callback: a form, signed over its sorted fields (https://opendocs.alipay.com/open/270/105902).

import type { AlipaySdk } from "alipay-sdk";
import * as z from "zod";
import { parseAmount } from "../../../../lib/money/money.ts";
import { parseBeijingTime } from "../beijing-time.ts";
import { malformed, notOurs, signatureInvalid, signatureMissing } from "../callback-problems.ts";
import type { Notice } from "../provider.ts";
import { chargeState, tradeStatus } from "./trade.ts";

const form = z.object({
  app_id: z.string(),
  notify_time: z.string(),
  out_trade_no: z.string().min(1).max(64),
  trade_no: z.string().regex(/^[\x21-\x7e]{1,64}$/),
  trade_status: tradeStatus,
  total_amount: z.string(),
});

/** Verifies and reads a callback. @throws {Problem} 401, or 400 when it is signed but of no use. */
export function readAlipayNotice(sdk: AlipaySdk, appId: string, rawBody: string): Notice {
  const fields = Object.fromEntries(new URLSearchParams(rawBody));
  if (!fields["sign"] || fields["sign_type"] !== "RSA2") {
    throw signatureMissing("Sign the callback in the field sign, with sign_type RSA2.");
  }
  if (!holds(sdk, fields)) throw signatureInvalid();
  const { success, data } = form.safeParse(fields);
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

function holds(sdk: AlipaySdk, fields: Record<string, string>): boolean {
  try {
    return sdk.checkNotifySignV2(fields);
  } catch {
    return false;
  }
}
