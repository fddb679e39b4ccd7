// Fresh systems under load at the same time: whatever the machine does meanwhile happens to all of them.

import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { type Length, SANDBOX_SECRET, timing } from "../bench-system.ts";
import type { Measured } from "../load/job.ts";
import { load } from "../load/launch.ts";
import { type Memory, mapRoles, sum, watchTypicalMemory } from "../processes.ts";
import { aboveIdle, nearIdle, untilCalm } from "../rest.ts";
import { type ByKind, mapKinds, usagesOf } from "../usage.ts";
import { type Running, type Side, withSides } from "./sides.ts";

const LANES = 8;
/** The warm-up also uses up what may be recorded at once after a quiet time, so that the window sees what a lasting load does. */
export const LOAD: Length = { warmUpMs: 8_000, warmUpCount: 100, windowMs: 13_000 };
/** By then V8 has compiled what it compiles: with a control room there is more of it. */
const LASTING_LOAD: Length = { ...LOAD, warmUpMs: 30_000, windowMs: 20_000 };
const REST_WITHIN_MS = 30_000;

/** What was seen of one system, in CPU milliseconds of a flow. */
export interface Turn {
  readonly flows: number;
  readonly perSecond: number;
  readonly loadedMs: number;
  readonly afterwardsMs: number;
  /** Under load, by process. */
  readonly threads: Readonly<Record<string, ByKind>>;
  /** The median of many looks under load. */
  readonly memory: Memory;
}

export interface Together {
  readonly turns: Readonly<Partial<Record<Side, Turn>>>;
  /** In the end, for as long as was waited. */
  readonly atRest: boolean;
}

/**
 * Starts fresh systems in this order, loads them at the same time, and waits until all have judged what they put off and are at rest.
 * @param idle CPU milliseconds per second of each side without requests.
 */
export const measureTogether = (
  browser: Browser,
  sides: readonly Side[],
  idle: Readonly<Record<Side, number>>,
): Promise<Together> =>
  withSides(browser, sides, {}, async (running) => {
    const loaded = await Promise.all(running.map(underLoad));
    await Promise.all(running.map((one) => one.untilJudged()));
    const atRest = await untilCalm(
      running.map(({ processes }) => processes),
      nearIdle(
        running.map(({ side }) => idle[side]),
        REST_WITHIN_MS,
      ),
    );
    const turns = loaded.map(({ one, measured, memory }) => [
      one.side,
      turnOf(measured, memory, putOffBy(one, measured, idle[one.side])),
    ]);
    return { turns: Object.fromEntries(turns), atRest };
  });

interface Loaded {
  readonly one: Running;
  readonly measured: Measured;
  readonly memory: Memory;
}

async function underLoad(one: Running): Promise<Loaded> {
  const measuring = flowsOf(one, LASTING_LOAD);
  const memory = sleep(LASTING_LOAD.warmUpMs).then(() => watchTypicalMemory(one.processes));
  const measured = await measuring;
  const endWatch = await memory;
  return { one, measured, memory: endWatch() };
}

/** CPU milliseconds from the load's end until now, above what the system uses without requests. */
function putOffBy({ processes }: Running, { usageAtEnd, window }: Measured, idleMs: number): number {
  const seconds = (Number(process.hrtime.bigint() / 1_000n) - window[1]) / 1e6;
  return aboveIdle(usageAtEnd, usagesOf(processes), seconds, idleMs);
}

function turnOf(
  { count, countWithWarmUp, perSecond, cpuMs, threads }: Measured,
  memory: Memory,
  putOff: number,
): Turn {
  return {
    flows: count,
    perSecond,
    loadedMs: sum(cpuMs) / count,
    // Also of the flows of the warm-up.
    afterwardsMs: putOff / countWithWarmUp,
    threads: Object.fromEntries(
      Object.entries(threads).map(([role, byKind]) => [role, mapKinds((kind) => byKind[kind] / count)]),
    ),
    memory: mapRoles(memory, Math.round),
  };
}

/** Loads one system with flows, from a process of its own. */
export const flowsOf = ({ system, processes }: Running, length: Length): Promise<Measured> =>
  load({
    kind: "flow",
    users: "new",
    // Orders that nobody has paid for would be violations, which are looked at again and again.
    paidBy: "provider",
    urls: system.urls,
    secret: SANDBOX_SECRET,
    ...timing(LANES, processes, length),
    windowAlone: true,
  });
