// The part of docs/state-machines.md about orders.

import type { StateMachinePage } from "../../lib/core/rules.ts";
import { ORDER_RULES } from "./order-machine.ts";
import { ORDER_STATUSES } from "./order-status.ts";

export const stateMachines: readonly StateMachinePage[] = [
  {
    title: "Order",
    text: "Creating an order sends `order.created`. A partial refund does not change the status. A deleted order is hidden, but kept for late payments.",
    statuses: ORDER_STATUSES,
    rules: ORDER_RULES,
  },
];
