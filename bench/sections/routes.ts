// Single routes, at 1 and at 32 connections.

import type { System } from "../../tests/support/system.ts";
import { cpuEach, timing, WIDTHS } from "../bench-system.ts";
import type { Measured, RequestJob, Seeded, Timing } from "../load/job.ts";
import { load } from "../load/launch.ts";
import type { Effort } from "../options.ts";
import type { ByRole, Processes } from "../processes.ts";

export const SMALL_USER = "bench-100-orders";
export const LARGE_USER = "bench-10000-orders";
export const SEEDED = { [SMALL_USER]: 100, [LARGE_USER]: 10_000 };

/** One load: what was asked, how many at once, and what came of it. */
export interface Row {
  readonly name: string;
  readonly lanes: number;
  readonly measured: Measured;
  /** CPU milliseconds of one request or flow, by process. */
  readonly cpu: ByRole;
}

type Ask = Omit<RequestJob, "kind" | keyof Timing>;

const NEW_ORDER = JSON.stringify({ customer_name: "张三", total_amount: 299.99, status: "pending" });

/** Measures each route at each width. */
export async function measureRoutes(
  system: System,
  processes: Processes,
  seeded: Seeded,
  idle: ByRole,
  effort: Effort,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [name, ask] of Object.entries(asks(system.urls.orders, seeded))) {
    for (const lanes of WIDTHS) {
      const width = timing(lanes, processes, effort.route);
      const measured = await load({ kind: "request", ...ask, ...width });
      rows.push({ name, lanes, measured, cpu: cpuEach(measured, idle) });
    }
  }
  return rows;
}

function asks(orders: string, { orderOf }: Seeded): Readonly<Record<string, Ask>> {
  const get = (path: string, uuid: string): Ask => ({
    method: "GET",
    url: `${orders}${path}`,
    headers: { uuid },
    expect: 200,
  });
  return {
    health: get("/health/", SMALL_USER),
    "create order": {
      method: "POST",
      url: `${orders}/api/orders/`,
      headers: { uuid: "bench-creates", "content-type": "application/json" },
      body: NEW_ORDER,
      expect: 201,
    },
    "get order": get(`/api/orders/${orderOf[SMALL_USER]}/`, SMALL_USER),
    "list orders, user has 100": get("/api/orders/", SMALL_USER),
    "list orders, user has 10,000": get("/api/orders/", LARGE_USER),
  };
}
