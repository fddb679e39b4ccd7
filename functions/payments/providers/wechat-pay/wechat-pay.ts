// WeChat Pay v3: a QR code that the payer scans ("native"), through a kept SDK (https://wechatpay.js.org).

import * as z from "zod";
import type { Minor } from "../../../../lib/money/money.ts";
import { offsetBeijingTime } from "../beijing-time.ts";
import {
  type Charge,
  type ChargeState,
  type Provider,
  ProviderFailure,
  type RefundAnswer,
  type RefundOrder,
} from "../provider.ts";
import { requireCny } from "../takes-cny.ts";
import { type CallWechatPay, wechatPayApi } from "./api.ts";
import { readWechatPayNotice } from "./notice.ts";
import { wechatPayReplies } from "./replies.ts";
import type { WechatPaySettings } from "./settings.ts";
import { chargeState, refundAnswer, refundState, transaction } from "./trade.ts";

/** 100,000,000.00. */
const MAX_CHARGE: Minor = 10_000_000_000;
const MAX_REASON_BYTES = 80;

const anything = z.unknown();
const codeAnswer = z.object({ code_url: z.string().min(1) });

/** Codes for an unknown order or refund, in all versions of the API. */
const UNKNOWN = new Set(["ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS"]);

/** Refusals of a refund for which a retry is useless; an operator has to decide. */
const NEVER = new Set(["PARAM_ERROR", "INVALID_REQUEST", "RESOURCE_NOT_EXISTS", "USER_ACCOUNT_ABNORMAL"]);

/** The provider WeChat Pay, called through its API v3. */
export function createWechatPay(settings: WechatPaySettings): Provider {
  const call = wechatPayApi(settings);
  const query = (reference: string) => queryTransaction(call, settings, reference);
  const queryRefund = (order: RefundOrder) => askRefund(call, order);
  return {
    method: "wechat_pay",
    replies: wechatPayReplies,
    async open(charge) {
      requireCny(charge, MAX_CHARGE);
      return openCode(call, settings, charge);
    },
    query,
    async close(reference) {
      const path = `/v3/pay/transactions/out-trade-no/${reference}/close`;
      const body = { mchid: settings.merchantId };
      const answer = await call({ method: "POST", path, body }, anything);
      if (!answer.refused || UNKNOWN.has(answer.code)) return { state: "closed" };
      return query(reference);
    },
    async refund(order) {
      const earlier = order.asked_before ? await queryRefund(order) : "unknown";
      if (earlier !== "unknown") return earlier;
      const request = {
        method: "POST",
        path: "/v3/refund/domestic/refunds",
        body: refundBody(order),
      } as const;
      const answer = await call(request, refundState);
      if (!answer.refused) return refundAnswer(answer.data.status);
      if (!NEVER.has(answer.code)) {
        throw new ProviderFailure("wechat_pay", `a refund: it answered ${answer.code}`);
      }
      // An earlier request, whose reply was lost, may have succeeded.
      const known = await queryRefund(order);
      return known === "unknown" ? "rejected" : known;
    },
    queryRefund,
    parseCallback: async (headers, rawBody) => readWechatPayNotice(settings, headers, rawBody),
  };
}

async function openCode(call: CallWechatPay, settings: WechatPaySettings, charge: Charge) {
  const { reference, amount, currency, subject, expires_at } = charge;
  const body = {
    appid: settings.appId,
    mchid: settings.merchantId,
    description: subject,
    out_trade_no: reference,
    time_expire: offsetBeijingTime(Date.parse(expires_at)),
    notify_url: settings.notifyUrl,
    amount: { total: amount, currency },
  };
  const answer = await call({ method: "POST", path: "/v3/pay/transactions/native", body }, codeAnswer);
  if (answer.refused) throw new ProviderFailure("wechat_pay", `a native order: it answered ${answer.code}`);
  return { provider: "wechat_pay", code_url: answer.data.code_url };
}

async function queryTransaction(
  call: CallWechatPay,
  { merchantId }: WechatPaySettings,
  reference: string,
): Promise<ChargeState> {
  const path = `/v3/pay/transactions/out-trade-no/${reference}`;
  const answer = await call({ method: "GET", path, query: { mchid: merchantId } }, transaction);
  if (answer.refused) {
    if (UNKNOWN.has(answer.code)) return { state: "open" };
    throw new ProviderFailure("wechat_pay", `a query: it answered ${answer.code}`);
  }
  const { mchid, out_trade_no } = answer.data;
  const charge = chargeState(answer.data);
  if (mchid !== merchantId || out_trade_no !== reference || !charge) {
    throw new ProviderFailure("wechat_pay", "a query: it answered about something else");
  }
  return charge;
}

const refundBody = (order: RefundOrder) => ({
  transaction_id: order.transaction_id,
  out_refund_no: order.id,
  reason: withinBytes(order.reason, MAX_REASON_BYTES),
  amount: { refund: order.amount, total: order.captured_amount, currency: order.currency },
});

/**
 * The whole characters of `text` that fit into `most` bytes of UTF-8. WeChat Pay accepts characters of one to three bytes; a longer
 * one, such as an emoji, becomes a `?`.
 */
function withinBytes(text: string, most: number): string {
  let bytes = 0;
  let kept = "";
  for (const given of text) {
    const character = given.length > 1 ? "?" : given;
    bytes += Buffer.byteLength(character);
    if (bytes > most) break;
    kept += character;
  }
  return kept;
}

async function askRefund(call: CallWechatPay, { id }: RefundOrder): Promise<RefundAnswer | "unknown"> {
  const answer = await call({ method: "GET", path: `/v3/refund/domestic/refunds/${id}` }, refundState);
  if (!answer.refused) return refundAnswer(answer.data.status);
  if (UNKNOWN.has(answer.code)) return "unknown";
  throw new ProviderFailure("wechat_pay", `a refund's query: it answered ${answer.code}`);
}
