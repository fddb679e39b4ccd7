// What our stack costs over bare handlers on the same serverless-offline and the same database, by turns.

import { median } from "../../tests/support/quantiles.ts";
import type { System } from "../../tests/support/system.ts";
import { startBaseline } from "../baseline/start.ts";
import { cpuEach, idleRate, timing } from "../bench-system.ts";
import { pairedRatios, type Spread } from "../compare/ratios.ts";
import type { Measured, Seeded } from "../load/job.ts";
import { load } from "../load/launch.ts";
import type { Effort } from "../options.ts";
import { type ByRole, type Processes, sum } from "../processes.ts";
import { LISTED_USER } from "./routes.ts";

export interface Yardstick {
  readonly name: string;
  /** CPU milliseconds per request, over all processes that take part; median of the rounds. */
  readonly cpu: number;
  readonly perSecond: number;
  readonly p50: number;
}

export interface Yardsticks {
  readonly trivial: Yardstick;
  readonly bareRead: Yardstick;
  readonly getOrder: Yardstick;
  /** CPU of one `GET /api/orders/{id}/` by that of the bare read, round by round. */
  readonly readRatio: Spread;
}

const LANES = 32;

/** Measures all three in each round. */
export async function measureYardsticks(
  system: System,
  processes: Processes,
  seeded: Seeded,
  idle: ByRole,
  effort: Effort,
): Promise<Yardsticks> {
  const id = seeded.orderOf[LISTED_USER] ?? "";
  const bare = await startBaseline("yardsticks.yml", {
    SLS_LOG_LEVEL: "error",
    BENCH_DATABASE_URL: system.databaseUrl,
    BENCH_TABLE: `${system.env["DB_NAME"]}-orders`,
  });
  try {
    const { helper = 0 } = processes;
    const bareProcesses = { runtime: bare.pid, helper };
    const bareIdle = await idleRate(bareProcesses, effort.idleMs);
    const ask = (url: string, among: Processes, rest: ByRole) => measure(url, among, rest, effort);
    const rounds: (readonly [Cost, Cost, Cost])[] = [];
    for (let round = 0; round < effort.rounds; round += 1) {
      rounds.push([
        await ask(`${bare.url}/trivial`, bareProcesses, bareIdle),
        await ask(`${bare.url}/orders/${id}`, bareProcesses, bareIdle),
        await ask(`${system.urls.orders}/api/orders/${id}/`, processes, idle),
      ]);
    }
    return {
      trivial: yardstick(
        "trivial handler",
        rounds.map(([cost]) => cost),
      ),
      bareRead: yardstick(
        "bare handler, one database read",
        rounds.map(([, cost]) => cost),
      ),
      getOrder: yardstick(
        "GET /api/orders/{id}/",
        rounds.map(([, , cost]) => cost),
      ),
      readRatio: pairedRatios(
        rounds.map(([, read]) => read.cpu),
        rounds.map(([, , ours]) => ours.cpu),
      ),
    };
  } finally {
    await bare.stop();
  }
}

interface Cost {
  readonly cpu: number;
  readonly measured: Measured;
}

async function measure(url: string, processes: Processes, idle: ByRole, effort: Effort): Promise<Cost> {
  const width = timing(LANES, processes, effort.route);
  const headers = { uuid: LISTED_USER };
  const measured = await load({ kind: "request", method: "GET", url, headers, expect: 200, ...width });
  return { cpu: sum(cpuEach(measured, idle)), measured };
}

function yardstick(name: string, costs: readonly Cost[]): Yardstick {
  return {
    name,
    cpu: median(costs.map((cost) => cost.cpu)),
    perSecond: median(costs.map((cost) => cost.measured.perSecond)),
    p50: median(costs.map((cost) => cost.measured.p50)),
  };
}
