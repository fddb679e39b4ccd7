// All measurements of this system, in their order.

import { setTimeout as sleep } from "node:timers/promises";
import type { System } from "../tests/support/system.ts";
import { type Idle, idleRates, processesOf, startBenchSystem } from "./bench-system.ts";
import { type Growth, measureGrowth } from "./compare/growth.ts";
import type { Seeded } from "./load/job.ts";
import { seed } from "./load/launch.ts";
import { type Loop, type Machine, thisMachine, watchSpeed } from "./machine.ts";
import { commandOf, type Effort, effortOf, type Options } from "./options.ts";
import { type ByRole, type Memory, memoryOf, type Processes, watchMemory } from "./processes.ts";
import { profileFlow } from "./profile/profile.ts";
import type { SelfTimes } from "./profile/self-times.ts";
import { profileStart } from "./profile/start-profile.ts";
import { measureCeiling } from "./sections/ceiling.ts";
import { type Floor, measureFloor } from "./sections/floor.ts";
import { measureFlows } from "./sections/flow.ts";
import { compareLists } from "./sections/list-length.ts";
import { countOperations, type FlowCounts } from "./sections/operations.ts";
import { measureRoutes, type Row, SEEDED } from "./sections/routes.ts";
import { measureStarts, SETTLED_MS, type Starts, uncachedStart } from "./sections/start-time.ts";
import { measureYardsticks, type Yardsticks } from "./sections/yardsticks.ts";

export interface Figures {
  readonly machine: Machine & { readonly loop: Loop };
  readonly command: string;
  readonly starts: Starts;
  /** The first start ever, in milliseconds. Not in --quick. */
  readonly uncachedMs: number | undefined;
  /** Of the start, by process. */
  readonly startProfile: readonly SelfTimes[];
  readonly running: RunningFigures;
  /** Only where it was asked for. */
  readonly growth: Growth | undefined;
}

export interface RunningFigures {
  readonly memory: { readonly ready: Memory; readonly underLoad: Memory; readonly rested: Memory };
  readonly restMs: number;
  readonly idle: Idle;
  readonly seededPerSecond: number;
  readonly flows: readonly Row[];
  readonly routes: readonly Row[];
  /** Time of a page of a long list by that of a short one, in each round. */
  readonly listRatios: readonly number[];
  readonly yardsticks: Yardsticks;
  readonly counts: FlowCounts;
  /** Of a flow with a seller. */
  readonly floor: Floor;
  readonly profile: readonly SelfTimes[];
  readonly ceiling: readonly Row[];
}

/** Runs everything; `say` hears what is being done. Ends every process it started. */
export async function measure(options: Options, say: (what: string) => void): Promise<Figures> {
  const effort = effortOf(options);
  const endWatch = watchSpeed();
  say("time to ready");
  const starts = await measureStarts(effort.starts, [undefined]);
  const uncachedMs = options.quick ? undefined : await uncachedStart();
  const startProfile = await profileStart(effort.starts);
  const running = await measureRunning(effort, say);
  const { stored, seed: number } = options;
  const growth = stored > 0 ? await measureGrowth(stored, number, effort, say) : undefined;
  return {
    machine: { ...thisMachine(), loop: endWatch() },
    command: commandOf(options),
    starts,
    uncachedMs,
    startProfile,
    running,
    growth,
  };
}

async function measureRunning(effort: Effort, say: (what: string) => void): Promise<RunningFigures> {
  say("starting the system");
  const system = await startBenchSystem();
  try {
    const processes = processesOf(system);
    // With the functions that are loaded after ready: without them it would look smaller than it is.
    await sleep(SETTLED_MS);
    const ready = memoryOf(processes);
    say("without requests");
    const idle = await idleRates(processes, effort.idleMs);
    const endWatch = watchMemory(processes);
    const { seeded, ...loaded } = await measureLoads(system, processes, idle.soon, effort, say);
    const underLoad = endWatch();
    // While this system rests, others are measured.
    const rest = sleep(effort.restMs);
    say("profile of a flow");
    const profile = await profileFlow(effort);
    say("at rest");
    await rest;
    const rested = memoryOf(processes);
    say("operations per flow, and what they cost alone");
    const counts = await countOperations(system);
    const floor = await measureFloor(system, processes, counts.record, idle.soon, effort);
    say("yardsticks");
    const yardsticks = await measureYardsticks(system, processes, seeded, idle.soon, effort);
    say("the database alone");
    const ceiling = await measureCeiling(system, processes, effort);
    return {
      ...loaded,
      memory: { ready, underLoad, rested },
      restMs: effort.restMs,
      idle,
      seededPerSecond: seeded.perSecond,
      yardsticks,
      counts,
      floor,
      profile,
      ceiling,
    };
  } finally {
    await system.cleanUp();
  }
}

/** What is measured from outside. */
async function measureLoads(
  system: System,
  processes: Processes,
  idle: ByRole,
  effort: Effort,
  say: (what: string) => void,
) {
  say("flows");
  const flows = await measureFlows(system, processes, idle, effort);
  say("writing orders");
  const table = `${system.env["DB_NAME"]}-orders`;
  const seeded: Seeded = await seed({ databaseUrl: system.databaseUrl, table, users: SEEDED });
  say("routes");
  const routes = await measureRoutes(system, processes, seeded, idle, effort);
  const listRatios = await compareLists(system, effort);
  return { flows, seeded, routes, listRatios };
}
