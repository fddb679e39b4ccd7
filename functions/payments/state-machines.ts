// The payment's part of docs/state-machines.md.

import type { StateMachinePage } from "../../lib/core/rules.ts";
import { ATTEMPT_RULES, PAYMENT_ANSWERS, type PaymentAnswer, REFUND_RULES } from "./payment-machine.ts";
import { ATTEMPT_STATUSES, REFUND_STATUSES } from "./payment-status.ts";

export const stateMachines: readonly StateMachinePage[] = [
  {
    title: "Attempt to pay",
    text: "An order's payment has up to ten, one live at a time. A capture that does not pay the order is given back in full by the same write.",
    statuses: ATTEMPT_STATUSES,
    rules: ATTEMPT_RULES,
  },
  {
    title: "Refund",
    text: "Its id is stored before the provider is asked. Given back and under way together are never more than was captured.",
    statuses: REFUND_STATUSES,
    rules: REFUND_RULES,
  },
  {
    title: "Payment, as people see it",
    text: "The status is derived from the attempts and refunds. Beginning an attempt also needs the order's payment lease (above); a refund that\nwas asked for shows once it is done.",
    head: ["status", "begin an attempt", "cancel", "ask for a refund"],
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
