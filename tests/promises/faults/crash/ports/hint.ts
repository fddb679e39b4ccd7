// Hints, watched; they may also get lost.

import { hintRelay as real } from "../../../../../lib/outbox/hint.ts";
import { faults, through } from "../passages.ts";

export * from "../../../../../lib/outbox/hint.ts";

export async function hintRelay(...given: Parameters<typeof real>): Promise<void> {
  if (faults.hintsLost) return;
  await through(`hint ${given[0]}`, () => real(...given));
}
