// What a race is run with.

import type { Driver } from "../deal.ts";

export interface Field {
  readonly drive: Driver;
  /** How many requests were sent again so far, because they got no answer or a 5xx. */
  readonly repeats: () => number;
  readonly random: () => number;
}
