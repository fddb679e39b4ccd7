// All measurements, in their order.

import { cpus } from "node:os";
import type { System } from "../tests/support/system.ts";
import { idleRate, processesOf, startBenchSystem } from "./bench-system.ts";
import type { Seeded } from "./load/job.ts";
import { seed } from "./load/launch.ts";
import type { Effort, Options } from "./options.ts";
import { effortOf } from "./options.ts";
import { type ByRole, memory } from "./processes.ts";
import { measureCeiling } from "./sections/ceiling.ts";
import { measureFlows } from "./sections/flow.ts";
import { compareLists } from "./sections/list-length.ts";
import { countOperations, type FlowOperations } from "./sections/operations.ts";
import { measureRoutes, type Row, SEEDED } from "./sections/routes.ts";
import { measureStarts, type StartTimes } from "./sections/start-time.ts";
import { measureYardsticks, type Yardsticks } from "./sections/yardsticks.ts";

export interface Figures {
  readonly machine: {
    readonly cores: number;
    readonly cpu: string;
    readonly node: string;
    readonly date: string;
  };
  readonly command: string;
  readonly starts: StartTimes;
  /** Resident MB by process. */
  readonly memory: { readonly afterStart: ByRole; readonly afterLoad: ByRole };
  /** CPU milliseconds per second without any request, by process. */
  readonly idle: ByRole;
  readonly seededPerSecond: number;
  readonly flows: readonly Row[];
  readonly routes: readonly Row[];
  /** Time of a page of a long list by that of a short one, in each round. */
  readonly listRatios: readonly number[];
  readonly yardsticks: Yardsticks;
  readonly operations: FlowOperations;
  readonly ceiling: readonly Row[];
}

/** Runs everything; `say` hears what is being done. Ends every process it started. */
export async function measure(options: Options, say: (what: string) => void): Promise<Figures> {
  const effort = effortOf(options);
  say("time to ready");
  const starts = await measureStarts(effort.starts, !options.quick);
  say("starting the system, writing orders");
  const system = await startBenchSystem();
  try {
    const rest = await measureRunning(system, effort, say);
    const { length: cores, 0: first } = cpus();
    const machine = { cores, cpu: first?.model ?? "", node: process.version, date: new Date().toISOString() };
    return { machine, command: `npm run bench${options.quick ? " -- --quick" : ""}`, starts, ...rest };
  } finally {
    await system.cleanUp();
  }
}

async function measureRunning(system: System, effort: Effort, say: (what: string) => void) {
  const processes = processesOf(system);
  const idle = await idleRate(processes, effort.idleMs);
  const afterStart = memory(processes);
  say("flows");
  const flows = await measureFlows(system, processes, idle, effort);
  say("writing orders");
  const table = `${system.env["DB_NAME"]}-orders`;
  const seeded: Seeded = await seed({ databaseUrl: system.databaseUrl, table, users: SEEDED });
  say("routes");
  const routes = await measureRoutes(system, processes, seeded, idle, effort);
  const listRatios = await compareLists(system, effort);
  const afterLoad = memory(processes);
  say("yardsticks");
  const yardsticks = await measureYardsticks(system, processes, seeded, idle, effort);
  say("the database alone");
  const ceiling = await measureCeiling(system, processes, effort);
  say("database operations per flow");
  const operations = await countOperations(system);
  return {
    memory: { afterStart, afterLoad },
    idle,
    seededPerSecond: seeded.perSecond,
    flows,
    routes,
    listRatios,
    yardsticks,
    operations,
    ceiling,
  };
}
