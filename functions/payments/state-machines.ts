// The part of docs/state-machines.md about payments.

import type { StateMachinePage } from "../../lib/core/rules.ts";
import { ATTEMPT_RULES, PAYMENT_ANSWERS, type PaymentAnswer, REFUND_RULES } from "./payment-machine.ts";
import { ATTEMPT_STATUSES, REFUND_STATUSES } from "./payment-status.ts";

export const stateMachines: readonly StateMachinePage[] = [
  {
    title: "Payment attempt",
    text: "An order's payment has up to ten, one live at a time. For a capture that does not pay the order, the same write requires a full refund.",
    statuses: ATTEMPT_STATUSES,
    rules: ATTEMPT_RULES,
  },
  {
    title: "Refund",
    text: "Its id is stored before the provider is called. Refunds that are done and in progress are together never more than was captured.",
    statuses: REFUND_STATUSES,
    rules: REFUND_RULES,
  },
  {
    title: "Payment, as users see it",
    text: "The status is derived from the attempts and refunds. Beginning an attempt also needs the order's payment lease (above); a requested\nrefund changes the status when it is done.",
    head: ["status", "begin an attempt", "cancel", "request a refund"],
    rows: PAYMENT_ANSWERS.map(({ status, when, begin, cancel, refund }) => [
      when === undefined ? `**${status}**` : `**${status}**, ${when}`,
      answerText(begin),
      answerText(cancel),
      answerText(refund),
    ]),
  },
];

function answerText(answer: PaymentAnswer): string {
  return "refused" in answer ? `409 \`${answer.refused}\`` : `accepted; shows ${answer.to}`;
}
