// A sample item as users see it.

import type { SampleItemView } from "./contract.ts";
import type { SampleItem } from "./sample-item.ts";

/** Nothing of what is internal. */
export function sampleItemToView({ fingerprint: _internal, ...shown }: SampleItem): SampleItemView {
  return shown;
}
