// What is known of one service.

import type { Endpoint } from "../instances/endpoint.ts";

export class ServiceEntry {
  endpoints: readonly Endpoint[] = [];
  /** True once the registry answered, or a list from last time was taken. */
  known = false;
  /** When the registry last confirmed the list. */
  confirmedAt = Number.NEGATIVE_INFINITY;
  staleAt = Number.NEGATIVE_INFINITY;
  /** The last attempt to ask the registry failed. */
  outdated = false;
  /** Why, while it is so. */
  failure: unknown;
  refreshing: Promise<void> | undefined;
  /** Counts lists, so that one that took long to check does not replace a newer one. */
  version = 0;
  unwatch: (() => void) | undefined;
  /** The list from last time was looked for. */
  recalled = false;
}
