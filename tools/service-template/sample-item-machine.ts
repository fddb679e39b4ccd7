// The sample item's state machine: what each command does in each of its statuses.

import type { Rules } from "../../lib/core/rules.ts";
import type { SampleItemStatus } from "./sample-item-status.ts";

/** Every command. All other steps are refused. */
export const SAMPLE_ITEM_RULES = {
  close: {
    by: "its user",
    steps: { open: "closed" },
    otherwise: { refused: "sample_item_not_closable", done: "closed" },
  },
  expire: {
    by: "the sweep, once its time is over",
    steps: { open: "closed" },
    otherwise: { instead: "unchanged" },
  },
} as const satisfies Rules<SampleItemStatus>;
