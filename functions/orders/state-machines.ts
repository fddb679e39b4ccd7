// The order's part of docs/state-machines.md.

import type { StateMachinePage } from "../../lib/core/rules.ts";
import { ORDER_RULES } from "./order-machine.ts";
import { ORDER_STATUSES } from "./order-status.ts";

export const stateMachines: readonly StateMachinePage[] = [
  {
    title: "Order",
    text: "Its beginning is told as `order.created`. A partial refund leaves the status. A deleted order is hidden, and stays for late payments.",
    statuses: ORDER_STATUSES,
    rules: ORDER_RULES,
  },
];
