// Does a request cost more when many orders are stored? An empty system and a filled one, by turns.

import type { Filled } from "../load/job.ts";
import type { Effort } from "../options.ts";
import { BARE_FLOW, SELLER_FLOW } from "../sections/flow.ts";
import { CREATE, GET, LIST } from "../sections/routes.ts";
import { type Compared, measureByTurns } from "./by-turns.ts";
import { flowScenarios, routeScenarios } from "./scenarios.ts";
import { startSide } from "./side.ts";

export interface Growth {
  readonly stored: number;
  readonly filled: Filled;
  /** Before: an empty table; after: the orders stored. */
  readonly compared: readonly Compared[];
}

const SCENARIOS = [
  ...flowScenarios([BARE_FLOW, SELLER_FLOW], [32]),
  ...flowScenarios([SELLER_FLOW], [1]),
  ...routeScenarios([CREATE, GET, LIST], [32]),
];

export async function measureGrowth(
  stored: number,
  seed: number,
  effort: Effort,
  say: (what: string) => void,
): Promise<Growth> {
  say(`storing ${stored} orders`);
  const full = await startSide({ name: `${stored} stored`, stored, seed }, effort);
  try {
    const empty = await startSide({ name: "empty", stored: 0, seed }, effort);
    try {
      const compared = await measureByTurns([empty, full], SCENARIOS, effort, say);
      const { filled } = full;
      if (filled === undefined) throw new Error("No orders were stored");
      return { stored, filled, compared };
    } finally {
      await empty.cleanUp();
    }
  } finally {
    await full.cleanUp();
  }
}
