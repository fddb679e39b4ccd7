// Single routes, at 1 and at 32 connections.

import type { System } from "../../tests/support/system.ts";
import { cpuEach, timing, WIDTHS } from "../bench-system.ts";
import type { Measured, RequestJob, Seeded, Timing } from "../load/job.ts";
import { load } from "../load/launch.ts";
import { BARE_ORDER } from "../load/new-orders.ts";
import type { Effort } from "../options.ts";
import type { ByRole, Processes } from "../processes.ts";

export const LISTED_USER = "bench-100-orders";
export const LARGE_USER = "bench-10000-orders";
export const SEEDED = { [LISTED_USER]: 100, [LARGE_USER]: 10_000 };

export const HEALTH = "health";
export const CREATE = "create order";
export const GET = "get order";
export const LIST = "list orders, user has 100";

/** One load: what was asked, how many at once, and what came of it. */
export interface Row {
  readonly name: string;
  readonly lanes: number;
  readonly measured: Measured;
  /** CPU milliseconds of one request or flow, by process. */
  readonly cpu: ByRole;
}

type Ask = Omit<RequestJob, "kind" | keyof Timing>;

const NEW_ORDER = JSON.stringify(BARE_ORDER);

/** Measures each route at each width. */
export async function measureRoutes(
  system: System,
  processes: Processes,
  seeded: Seeded,
  idle: ByRole,
  effort: Effort,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [name, ask] of Object.entries(asks(system.urls.orders, seeded.orderOf))) {
    for (const lanes of WIDTHS) {
      const width = timing(lanes, processes, effort.route);
      const measured = await load({ kind: "request", ...ask, ...width });
      rows.push({ name, lanes, measured, cpu: cpuEach(measured, idle) });
    }
  }
  return rows;
}

/** What is asked of OrderService at `orders`, by names for people. @param orderOf an order of each user that has some. */
export function asks(
  orders: string,
  orderOf: Readonly<Record<string, string>>,
): Readonly<Record<string, Ask>> {
  const get = (path: string, uuid: string): Ask => ({
    method: "GET",
    url: `${orders}${path}`,
    headers: { uuid },
    expect: 200,
  });
  return {
    [HEALTH]: get("/health/", LISTED_USER),
    [CREATE]: {
      method: "POST",
      url: `${orders}/api/orders/`,
      headers: { uuid: "bench-creates", "content-type": "application/json" },
      body: NEW_ORDER,
      expect: 201,
    },
    [GET]: get(`/api/orders/${orderOf[LISTED_USER]}/`, LISTED_USER),
    [LIST]: get("/api/orders/", LISTED_USER),
    "list orders, user has 10,000": get("/api/orders/", LARGE_USER),
  };
}
