// The journeys that every target takes. docs/parity.md shows which target has taken them: npm run test:parity.

import { describe, test } from "@jest/globals";
import { access } from "./access.ts";
import { buying } from "./buying.ts";
import { money } from "./money.ts";
import type { Journeys, Target } from "./target.ts";
import { telling } from "./telling.ts";

export const journeys: Journeys = { ...buying, ...money, ...telling, ...access };

/** Declares a test for each journey. `target` is asked when they run. */
export function describeJourneys(target: () => Target): void {
  describe("journeys", () => {
    test.each(Object.keys(journeys))("%s", (title) => journeys[title]?.(target()));
  });
}
