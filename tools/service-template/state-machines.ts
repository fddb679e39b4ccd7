// The sample item's part of docs/state-machines.md.

import type { StateMachinePage } from "../../lib/core/rules.ts";
import { SAMPLE_ITEM_RULES } from "./sample-item-machine.ts";
import { SAMPLE_ITEM_STATUSES } from "./sample-item-status.ts";

export const stateMachines: readonly StateMachinePage[] = [
  {
    title: "Sample item",
    text: "It is open until its user closes it, for 30 days at most.",
    statuses: SAMPLE_ITEM_STATUSES,
    rules: SAMPLE_ITEM_RULES,
  },
];
