// What a rate of paid orders needs on AWS, beside the quotas that an account has without asking for more.

import type { Capacity } from "./capacity.ts";
import { PRICES } from "./prices.ts";
import { PARTITION_UNITS } from "./units.ts";

/**
 * As published in November 2025: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html and
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html.
 */
export const QUOTAS = {
  /** Write units per second of a table with its indexes. */
  tableUnits: 40_000,
  /** Requests per second to all APIs of a region. */
  requests: 10_000,
  /** Functions that run at the same time in a region. */
  executions: 1_000,
} as const;

/** How much of a partition is planned for; the rest is for retries, and for keys that do not spread evenly. */
const PLANNED = 0.75;

export interface Need {
  /** `orders: write units per second` */
  readonly what: string;
  readonly needed: number;
  /** Without asking; undefined where it is a setting of this product. */
  readonly quota?: number;
}

/** What `perSecond` paid orders need. Indexes of one seller are not in it: they bound each seller, not the whole. */
export function needsAt(perSecond: number, capacity: Capacity): readonly Need[] {
  const { unitsByTable, unitsDue, requests, invocations } = capacity;
  return [
    ...Object.entries(unitsByTable).map(
      ([name, units]): Need => ({
        what: `${name}: write units per second, with indexes`,
        needed: units * perSecond,
        quota: QUOTAS.tableUnits,
      }),
    ),
    { what: "requests per second to the HTTP API", needed: requests * perSecond, quota: QUOTAS.requests },
    {
      what: `functions at the same time, a run as ${PRICES.seconds * 1_000} ms`,
      needed: invocations * PRICES.seconds * perSecond,
      quota: QUOTAS.executions,
    },
    {
      what: "`OUTBOX_SHARDS`, at least",
      needed: Math.ceil((unitsDue * perSecond) / (PARTITION_UNITS * PLANNED)),
    },
  ];
}
