// The state machines as a page: a diagram and a table for each, made from the tables that decisions read.

import { ORDER_RULES } from "../../../functions/orders/order-machine.ts";
import { ORDER_STATUSES } from "../../../functions/orders/order-status.ts";
import {
  ATTEMPT_RULES,
  PAYMENT_ANSWERS,
  type PaymentAnswer,
  REFUND_RULES,
} from "../../../functions/payments/payment-machine.ts";
import { ATTEMPT_STATUSES, REFUND_STATUSES } from "../../../functions/payments/payment-status.ts";
import { commandsOf, type Rule } from "../../../lib/core/rules.ts";

interface Machine<Status extends string, Command extends string> {
  readonly title: string;
  readonly text: string;
  readonly statuses: readonly Status[];
  readonly rules: Readonly<Record<Command, Rule<Status>>>;
}

/** The whole text of docs/state-machines.md. */
export const stateMachinesPage = (): string =>
  [
    "# State machines",
    "",
    "Made by `npm run state-machines` from the tables in `functions/orders/order-machine.ts` and",
    "`functions/payments/payment-machine.ts`; do not edit. Decisions are pure functions that read these tables: from a state,",
    "a command and the time to the next state and the events it owes, or to a refusal with a code. Each command is one",
    "conditional write, so of concurrent ones one wins and the others are decided anew on what it left. Tests give every",
    "command in every status and hold the outcome to the table (`*-machine.test.ts`).",
    "",
    ...machine({
      title: "Order",
      text: "Its beginning is told as `order.created`. A partial refund leaves the status. A deleted order is hidden, and stays for late payments.",
      statuses: ORDER_STATUSES,
      rules: ORDER_RULES,
    }),
    ...machine({
      title: "Attempt to pay",
      text: "An order's payment has up to ten, one live at a time. A capture that does not pay the order is given back in full by the same write.",
      statuses: ATTEMPT_STATUSES,
      rules: ATTEMPT_RULES,
    }),
    ...machine({
      title: "Refund",
      text: "Its id is stored before the provider is asked. Given back and under way together are never more than was captured.",
      statuses: REFUND_STATUSES,
      rules: REFUND_RULES,
    }),
    ...answers(),
  ].join("\n");

function machine<Status extends string, Command extends string>({
  title,
  text,
  statuses,
  rules,
}: Machine<Status, Command>): string[] {
  const commands = commandsOf(rules);
  return [
    `## ${title}`,
    "",
    text,
    "",
    "```mermaid",
    "stateDiagram-v2",
    `    [*] --> ${statuses[0]}`,
    ...steps(statuses, rules),
    "```",
    "",
    ...table(
      ["command", "by", ...statuses, "told to the parties"],
      commands.map((name) => {
        const rule = rules[name];
        const cells = statuses.map((status) => outcome(rule, status));
        return [`**${name}**`, rule.by, ...cells, rule.tells === undefined ? "–" : `\`${rule.tells}\``];
      }),
    ),
  ];
}

/** One arrow for each pair of statuses, named by all the commands that lead there. */
function steps<Status extends string, Command extends string>(
  statuses: readonly Status[],
  rules: Readonly<Record<Command, Rule<Status>>>,
): string[] {
  return statuses.flatMap((from) =>
    statuses.flatMap((to) => {
      const names = commandsOf(rules).filter((name) => rules[name].steps[from] === to && from !== to);
      return names.length === 0 ? [] : [`    ${from} --> ${to}: ${names.join(", ")}`];
    }),
  );
}

function outcome<Status extends string>(rule: Rule<Status>, status: Status): string {
  const to = rule.steps[status];
  if (to !== undefined) return to === status ? `${to} (stays)` : `→ ${to}`;
  return "refused" in rule.otherwise ? `409 \`${rule.otherwise.refused}\`` : rule.otherwise.instead;
}

function answers(): string[] {
  const told = (answer: PaymentAnswer) =>
    "refused" in answer ? `409 \`${answer.refused}\`` : `accepted; shows ${answer.to}`;
  return [
    "## Payment, as people see it",
    "",
    "The status is derived from the attempts and refunds. Beginning an attempt also needs the order's leave (above); a refund that",
    "was asked for shows once it is done.",
    "",
    ...table(
      ["status", "begin an attempt", "cancel", "ask for a refund"],
      PAYMENT_ANSWERS.map(({ status, when, begin, cancel, refund }) => [
        when === undefined ? `**${status}**` : `**${status}**, ${when}`,
        told(begin),
        told(cancel),
        told(refund),
      ]),
    ),
  ];
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${head.join(" | ")} |`,
  `|${head.map(() => " --- |").join("")}`,
  ...rows.map((cells) => `| ${cells.join(" | ")} |`),
  "",
];
