// Alipay: page pay or a QR code, through Alipay's own SDK (https://opendocs.alipay.com/open/repo-0038oa).

import * as z from "zod";
import { formatAmount, type Minor } from "../../../../lib/money/money.ts";
import { plainBeijingTime } from "../beijing-time.ts";
import {
  type Charge,
  type ChargeState,
  type Provider,
  ProviderFailure,
  type RefundAnswer,
  type RefundOrder,
} from "../provider.ts";
import { requireCny } from "../takes-cny.ts";
import { type AlipayGateway, alipayGateway } from "./gateway.ts";
import { readAlipayNotice } from "./notice.ts";
import { alipayReplies } from "./replies.ts";
import type { AlipaySettings } from "./settings.ts";
import { chargeState, trade } from "./trade.ts";

/** 100,000,000.00. */
const MAX_CHARGE: Minor = 10_000_000_000;

const anything = z.unknown();
const codeAnswer = z.object({ qr_code: z.string().min(1) });
const refundAnswer = z.object({ fund_change: z.string().optional() });
const refundState = z.object({ refund_status: z.string().optional() });

const UNKNOWN_TRADE = "ACQ.TRADE_NOT_EXIST";

/** Refusals of a refund for which a retry is useless; an operator has to decide. */
const NEVER = new Set([
  UNKNOWN_TRADE,
  "ACQ.INVALID_PARAMETER",
  "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
  "ACQ.REASON_TRADE_REFUND_FEE_ERR",
  "ACQ.TRADE_HAS_FINISHED",
  "ACQ.TRADE_STATUS_ERROR",
  "ACQ.DISCORDANT_REPEAT_REQUEST",
  "ACQ.BUYER_NOT_EXIST",
  "ACQ.NOT_ALLOW_PARTIAL_REFUND",
  "ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND",
]);

/** The provider Alipay, called through its gateway. */
export function createAlipay(settings: AlipaySettings): Provider {
  const gateway = alipayGateway(settings);
  const query = (reference: string) => queryTrade(gateway, reference);
  const queryRefund = (order: RefundOrder) => askRefund(gateway, order);
  return {
    method: "alipay",
    replies: alipayReplies,
    async open(charge) {
      requireCny(charge, MAX_CHARGE);
      return settings.checkout === "qr"
        ? openCode(gateway, settings, charge)
        : openPage(gateway, settings, charge);
    },
    query,
    async close(reference) {
      const answer = await gateway.call("alipay.trade.close", { out_trade_no: reference }, anything);
      if (!answer.refused || answer.code === UNKNOWN_TRADE) return { state: "closed" };
      return query(reference);
    },
    async refund(order) {
      const earlier = order.asked_before ? await queryRefund(order) : "unknown";
      if (earlier !== "unknown") return earlier;
      const answer = await gateway.call("alipay.trade.refund", refundContent(order), refundAnswer);
      if (answer.refused) {
        // An earlier request, whose reply was lost, may have succeeded.
        if (NEVER.has(answer.code)) return (await queryRefund(order)) === "done" ? "done" : "rejected";
        throw new ProviderFailure("alipay", `alipay.trade.refund: it answered ${answer.code}`);
      }
      if (answer.data.fund_change === "Y") return "done";
      return (await queryRefund(order)) === "done" ? "done" : "pending";
    },
    queryRefund,
    parseCallback: async (_headers, rawBody) => readAlipayNotice(settings.publicKey, settings.appId, rawBody),
  };
}

const chargeContent = ({ reference, amount, subject, expires_at }: Charge) => ({
  out_trade_no: reference,
  total_amount: formatAmount(amount),
  subject,
  time_expire: plainBeijingTime(Date.parse(expires_at)),
});

function openPage(gateway: AlipayGateway, { notifyUrl, returnUrl }: AlipaySettings, charge: Charge) {
  const content = { ...chargeContent(charge), product_code: "FAST_INSTANT_TRADE_PAY" };
  const urls = { notifyUrl, ...(returnUrl === undefined ? {} : { returnUrl }) };
  return { provider: "alipay", pay_url: gateway.pageUrl("alipay.trade.page.pay", content, urls) };
}

async function openCode(gateway: AlipayGateway, { notifyUrl }: AlipaySettings, charge: Charge) {
  const answer = await gateway.call("alipay.trade.precreate", chargeContent(charge), codeAnswer, {
    notifyUrl,
  });
  if (answer.refused)
    throw new ProviderFailure("alipay", `alipay.trade.precreate: it answered ${answer.code}`);
  return { provider: "alipay", qr_code: answer.data.qr_code };
}

async function queryTrade(gateway: AlipayGateway, reference: string): Promise<ChargeState> {
  const answer = await gateway.call("alipay.trade.query", { out_trade_no: reference }, trade);
  if (answer.refused) {
    // Alipay has no trade until the payer has opened the page or scanned the code.
    if (answer.code === UNKNOWN_TRADE) return { state: "open" };
    throw new ProviderFailure("alipay", `alipay.trade.query: it answered ${answer.code}`);
  }
  const charge = chargeState(answer.data);
  if (answer.data.out_trade_no !== reference || !charge) {
    throw new ProviderFailure("alipay", "alipay.trade.query: it answered about something else");
  }
  return charge;
}

const refundContent = ({ id, reference, transaction_id, amount, reason }: RefundOrder) => ({
  out_trade_no: reference,
  trade_no: transaction_id,
  out_request_no: id,
  refund_amount: formatAmount(amount),
  refund_reason: reason,
});

/** The status of a refund. Alipay does not distinguish one that failed from one it never received: both are `unknown`. */
async function askRefund(gateway: AlipayGateway, order: RefundOrder): Promise<RefundAnswer | "unknown"> {
  const { reference, transaction_id, id } = order;
  const content = { out_trade_no: reference, trade_no: transaction_id, out_request_no: id };
  const answer = await gateway.call("alipay.trade.fastpay.refund.query", content, refundState);
  if (!answer.refused) return answer.data.refund_status === "REFUND_SUCCESS" ? "done" : "unknown";
  if (answer.code === UNKNOWN_TRADE) return "unknown";
  throw new ProviderFailure("alipay", `alipay.trade.fastpay.refund.query: it answered ${answer.code}`);
}
