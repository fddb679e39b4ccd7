// One of the two systems that are compared: which checkout it is of, and how many orders it has stored.

import { join } from "node:path";
import { until } from "../../tests/support/poll.ts";
import { shop } from "../../tests/support/shop.ts";
import { type System, startSystem } from "../../tests/support/system.ts";
import { type Idle, idleRates, processesOf, startBenchSystem } from "../bench-system.ts";
import type { Filled } from "../load/job.ts";
import { fill } from "../load/launch.ts";
import type { Effort } from "../options.ts";
import { type Memory, memoryOf, type Processes } from "../processes.ts";
import { LISTED_USER } from "../sections/routes.ts";

export interface Side {
  readonly name: string;
  /** A checkout with its node_modules; this one without it. */
  readonly root?: string | undefined;
  /** Orders in its database before anything is measured. */
  readonly stored: number;
  readonly seed: number;
}

export interface RunningSide {
  readonly side: Side;
  readonly system: System;
  readonly processes: Processes;
  readonly idle: Idle;
  readonly memoryAtReady: Memory;
  /** An order of the user who has {@link LISTED_ORDERS}. */
  readonly orderOf: Readonly<Record<string, string>>;
  /** How its orders were stored, if it has any. */
  readonly filled: Filled | undefined;
  cleanUp(): Promise<void>;
}

const LISTED_ORDERS = 100;

/** Starts a side, and stores the orders of a user by its API. */
export async function startSide(side: Side, effort: Effort): Promise<RunningSide> {
  const { system, filled, cleanUp } = await started(side, effort);
  try {
    const processes = processesOf(system);
    const memoryAtReady = memoryOf(processes);
    const customer = shop(system, LISTED_USER);
    let id = "";
    for (let n = 0; n < LISTED_ORDERS; n += 1) id = (await customer.order()).body.id;
    const idle = await idleRates(processes, effort.idleMs);
    return { side, system, processes, idle, memoryAtReady, orderOf: { [LISTED_USER]: id }, filled, cleanUp };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

async function started({ root, stored, seed }: Side, effort: Effort) {
  const first = await startBenchSystem({}, root);
  const { cleanUp } = first;
  if (stored === 0) return { system: first, filled: undefined, cleanUp };
  try {
    // It has made the tables; the database is filled while nobody has it open.
    await first.stop();
    await until("the helper has ended", () => first.pids().length === 0, 30_000);
    const path = join(first.dataDir, "database");
    const table = `${first.env["DB_NAME"]}-orders`;
    const filled = await fill({ path, table, orders: stored, seed, paceMs: effort.paceMs });
    const system = await startSystem({ beside: first, ...(root === undefined ? {} : { root }) });
    const end = async () => {
      await system.cleanUp();
      await cleanUp();
    };
    return { system, filled, cleanUp: end };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}
