// This checkout beside another one of the same repository, such as an earlier commit: everything by turns, in one run.

import { setTimeout as sleep } from "node:timers/promises";
import type { Idle } from "../bench-system.ts";
import type { Effort } from "../options.ts";
import { type Memory, memoryOf, watchMemory } from "../processes.ts";
import { BARE_FLOW, SELLER_FLOW } from "../sections/flow.ts";
import { countOperations, type FlowCounts } from "../sections/operations.ts";
import { CREATE, GET, HEALTH, LIST } from "../sections/routes.ts";
import { measureStarts, type Starts } from "../sections/start-time.ts";
import { type Compared, measureByTurns } from "./by-turns.ts";
import { flowScenarios, routeScenarios } from "./scenarios.ts";
import { type RunningSide, startSide } from "./side.ts";

/** What a side needs at rest, and per flow; not measured by turns, as other work does not change it. */
export interface AtRest {
  readonly idle: Idle;
  readonly memory: { readonly ready: Memory; readonly underLoad: Memory; readonly rested: Memory };
  readonly counts: FlowCounts;
}

export interface Against {
  readonly stored: number;
  readonly restMs: number;
  readonly starts: Starts;
  readonly compared: readonly Compared[];
  readonly before: AtRest;
  readonly after: AtRest;
}

export interface AgainstOptions {
  readonly root: string;
  /** Orders in both databases; the other checkout must be able to read those of this one. */
  readonly stored: number;
  readonly seed: number;
}

const WIDTHS = [32, 1];
const SCENARIOS = [
  ...flowScenarios([BARE_FLOW, SELLER_FLOW], WIDTHS),
  ...routeScenarios([CREATE, LIST, GET, HEALTH], WIDTHS),
];

/** Measures the checkout at `root` ("before") and this one ("after"). */
export async function compareWith(
  { root, stored, seed }: AgainstOptions,
  effort: Effort,
  say: (what: string) => void,
): Promise<Against> {
  say("time to ready");
  const starts = await measureStarts(effort.starts, [root, undefined]);
  say("starting both systems");
  const before = await startSide({ name: "before", root, stored, seed }, effort);
  try {
    const after = await startSide({ name: "after", stored, seed }, effort);
    try {
      const sides = [before, after] as const;
      const watched = sides.map(({ processes }) => watchMemory(processes));
      const compared = await measureByTurns(sides, SCENARIOS, effort, say);
      const underLoad = watched.map((end) => end());
      say("at rest");
      await sleep(effort.restMs);
      const rested = sides.map(({ processes }) => memoryOf(processes));
      say("operations per flow");
      const rest = async (side: RunningSide, which: 0 | 1): Promise<AtRest> => ({
        idle: side.idle,
        memory: {
          ready: side.memoryAtReady,
          underLoad: underLoad[which] ?? {},
          rested: rested[which] ?? {},
        },
        counts: await countOperations(side.system, side.side.root),
      });
      const restMs = effort.restMs;
      return { stored, restMs, starts, compared, before: await rest(before, 0), after: await rest(after, 1) };
    } finally {
      await after.cleanUp();
    }
  } finally {
    await before.cleanUp();
  }
}
