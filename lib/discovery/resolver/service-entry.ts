// What the resolver knows about one service.

import type { Endpoint } from "../instances/endpoint.ts";

export class ServiceEntry {
  endpoints: readonly Endpoint[] = [];
  /** True once there is a list, from the registry or from a snapshot. */
  known = false;
  /** When the registry last confirmed the list. */
  confirmedAt = Number.NEGATIVE_INFINITY;
  staleAt = Number.NEGATIVE_INFINITY;
  /** True when the last query of the registry failed. */
  outdated = false;
  /** The reason of that failure. */
  failure: unknown;
  refreshing: Promise<void> | undefined;
  /** Counts lists, so that one that took long to verify does not replace a newer one. */
  version = 0;
  unwatch: (() => void) | undefined;
  /** True once the snapshot was read. */
  recalled = false;
}
