// What telemetry and the control room cost: systems without them, with them, and with a page open, side by side and by turns.

import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { ROUTES } from "../../local/control-room/api.ts";
import type { PromisesView } from "../../local/control-room/orders/contract.ts";
import { freePorts } from "../../tests/support/free-ports.ts";
import { until } from "../../tests/support/poll.ts";
import type { System } from "../../tests/support/system.ts";
import { type Length, processesOf, SANDBOX_SECRET, startBenchSystem, timing } from "../bench-system.ts";
import { pairedDifferences, pairedRatios, type Spread, spreadOf } from "../compare/ratios.ts";
import type { Measured } from "../load/job.ts";
import { load } from "../load/launch.ts";
import {
  type ByRole,
  type Memory,
  mapRoles,
  memoryOf,
  type Processes,
  sum,
  watchTypicalMemory,
} from "../processes.ts";
import { aboveIdle, idleOf, type Resting, untilAtRest } from "../rest.ts";
import { type Start, startOfSystem } from "../sections/start-time.ts";
import { type ByKind, type Kind, usagesOf } from "../usage.ts";
import { usedMemory } from "../used-memory.ts";

/** `again`: without a control room a second time; what it differs by is what this measurement can't tell apart. */
export const SIDES = ["off", "again", "closed", "open"] as const;
export type Side = (typeof SIDES)[number];
/** Those that are compared with `off`. */
export type Other = Exclude<Side, "off">;

/**
 * `loaded`: while a load runs, medians of the rounds, each the median of many looks; garbage comes and goes, and one look would find any state of
 * it. `used`: after a load and a collection of garbage, what V8 says is in use, of all threads. `rested`: when all have rested for as long.
 */
export const MEMORY_AT = ["loaded", "used", "rested"] as const;
export type MemoryAt = (typeof MEMORY_AT)[number];

/** CPU milliseconds of a flow, all processes, round by round. */
export interface FlowCpu {
  readonly spread: Readonly<Record<Side, Spread>>;
  /** To the side without. */
  readonly ratio: Readonly<Record<Other, Spread>>;
}

export interface FlowCosts {
  readonly flows: number;
  /** While the load runs. */
  readonly loaded: FlowCpu;
  /** What is put off until the load has ended: until all systems are at rest, above what they use without requests. */
  readonly afterwards: Readonly<Record<Side, Spread>>;
  readonly together: FlowCpu;
  /** Medians while the load runs, by process and kind of thread. */
  readonly threads: Readonly<Record<Side, Readonly<Record<string, ByKind>>>>;
  /** CPU milliseconds per second without requests, just after some. */
  readonly idle: Readonly<Record<Side, number>>;
  /** Turns after which the systems were not at rest for as long as was waited. */
  readonly restless: number;
  /** Seconds from the time when all are at rest after a turn of a system until its next turn. */
  readonly betweenTurns: Spread;
  readonly memory: Readonly<Record<MemoryAt, Readonly<Record<Side, Memory>>>>;
  /** MB more than the side without, round by round, under load. */
  readonly more: Readonly<Record<Other, Readonly<Record<Role, Spread>>>>;
}

/** Processes that are compared by memory. */
export type Role = "runtime" | "helper";

export interface StartCosts {
  readonly wallMs: { readonly off: Spread; readonly on: Spread; readonly ratio: Spread };
  readonly cpuMs: { readonly off: Spread; readonly on: Spread; readonly ratio: Spread };
}

const LANES = 8;
/** The warm-up also uses up what may be recorded at once after a quiet time, so that the window sees what a lasting load does. */
const TURN = { warmUpMs: 1_000, warmUpCount: 100, windowMs: 3_000 };
const FIRST_WARM_UP_MS = 8_000;
/** Some requests, after which a system polls the lists of the services that it calls. */
const TOUCH = { warmUpMs: 0, warmUpCount: 0, windowMs: 200 };
const REST_WITHIN_MS = 30_000;
const JUDGED_WITHIN_MS = 180_000;
/** Of all sides after the last load, whose turns differ: longer than an idle process keeps what a load has left behind (local/shared/idle-memory.ts). */
const REST_MS = 60_000;
/** Longer than until local/shared/compiled-code.ts writes what the first report, heartbeat and page have loaded. */
const CODE_IS_KEPT_MS = 15_000;

interface Running {
  readonly side: Side;
  readonly system: System;
  readonly processes: Processes;
  /** Of its control room. */
  readonly url?: string;
}

/** What was seen of one system in one turn, in CPU milliseconds of a flow. */
interface Turn {
  readonly flows: number;
  readonly loadedMs: number;
  readonly afterwardsMs: number;
  readonly threads: Measured["threads"];
  readonly memory: Memory;
}

/**
 * Each turn begins when all systems are at rest, so that nobody's work after a load disturbs another one's. The turns are in the same order
 * always: each system has then rested for as long, and none for the half minute after which it collects its garbage
 * (local/shared/idle-memory.ts), which makes the next turn dearer.
 */
export async function measureFlowCosts(browser: Browser, rounds: number): Promise<FlowCosts> {
  await rehearse();
  const used = usedMemory();
  const running: Running[] = [];
  try {
    for (const side of SIDES) running.push(await start(browser, side, used.env));
    // Code is compiled that later turns have.
    for (const one of running) await flowsOf(one, { ...TURN, warmUpMs: FIRST_WARM_UP_MS });
    const resting = await restingOf(running);
    const turns = new Map<Side, Turn[]>(SIDES.map((side) => [side, []]));
    const rested = new Map<Side, number>();
    const betweenTurns: number[] = [];
    let restless = 0;
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, one] of running.entries()) {
        const since = rested.get(one.side);
        if (since !== undefined) betweenTurns.push((performance.now() - since) / 1_000);
        const { turn, atRest } = await measureTurn(one, index, resting);
        turns.get(one.side)?.push(turn);
        rested.set(one.side, performance.now());
        if (!atRest) restless += 1;
      }
    }
    await sleep(REST_MS);
    const restedMemory = bySide((side) => memoryOf(find(running, side).processes));
    const kept = new Map<Side, Memory>();
    for (const one of running) {
      await flowsOf(one, TURN);
      kept.set(one.side, mapRoles(await used.read(one.processes), Math.round));
    }
    const of = (side: Side) => turns.get(side) ?? [];
    const memories = (side: Side) => of(side).map(({ memory }) => memory);
    return {
      ...costsOf(of),
      idle: bySide((side) => resting[SIDES.indexOf(side)]?.idleMs ?? 0),
      restless,
      betweenTurns: spreadOf(betweenTurns),
      memory: {
        loaded: bySide((side) => mapRoles(mediansOf(memories(side)), Math.round)),
        used: bySide((side) => kept.get(side) ?? {}),
        rested: restedMemory,
      },
      more: moreOf(memories),
    };
  } finally {
    for (const { system } of running) await system.cleanUp();
    used.remove();
  }
}

/** What each system uses without requests, just after some, when it has nothing left to judge. In the order of `running`. */
async function restingOf(running: readonly Running[]): Promise<readonly Resting[]> {
  for (const one of running) await flowsOf(one, TOUCH);
  await Promise.all(running.map(({ url }) => url === undefined || untilJudged(url)));
  return Promise.all(running.map(async ({ processes }) => ({ processes, idleMs: await idleOf(processes) })));
}

const untilJudged = (url: string): Promise<unknown> =>
  until("all orders are judged", async () => (await promisesAt(url)).pending === 0, JUDGED_WITHIN_MS);

async function promisesAt(url: string): Promise<PromisesView> {
  const view: PromisesView = JSON.parse(await (await fetch(`${url}${ROUTES.promises}`)).text());
  return view;
}

async function measureTurn(
  one: Running,
  index: number,
  resting: readonly Resting[],
): Promise<{ readonly turn: Turn; readonly atRest: boolean }> {
  const { processes } = one;
  const endWatch = watchTypicalMemory(processes);
  const { count, countWithWarmUp, cpuMs, threads, usageAtEnd, window } = await flowsOf(one, TURN);
  const memory = endWatch();
  // A system is idle for some seconds before it judges what had to wait.
  if (one.url !== undefined) await untilJudged(one.url);
  const atRest = await untilAtRest(resting, REST_WITHIN_MS);
  const seconds = (Number(process.hrtime.bigint() / 1_000n) - window[1]) / 1e6;
  const putOff = aboveIdle(usageAtEnd, usagesOf(processes), seconds, resting[index]?.idleMs ?? 0);
  const turn = {
    flows: count,
    loadedMs: sum(cpuMs) / count,
    // Also of the flows of the warm-up.
    afterwardsMs: putOff / countWithWarmUp,
    threads: Object.fromEntries(
      Object.entries(threads).map(([role, byKind]) => [role, mapKinds((kind) => byKind[kind] / count)]),
    ),
    memory,
  };
  return { turn, atRest };
}

let rehearsed: Promise<void> | undefined;

/**
 * Runs a system, once, until its compiled code is in Node's cache (local/shared/compiled-code.ts): one that has to compile it keeps the
 * compiler in its memory.
 */
export function rehearse(): Promise<void> {
  rehearsed ??= (async () => {
    const { system } = await startWatched();
    await sleep(CODE_IS_KEPT_MS);
    await system.cleanUp();
  })();
  return rehearsed;
}

async function start(browser: Browser, side: Side, env: Readonly<Record<string, string>>): Promise<Running> {
  if (side === "off" || side === "again")
    return runningOf(side, await startBenchSystem({ DEBUG: "True", ...env }));
  const { system, url } = await startWatched(env);
  if (side === "open") {
    const page = await browser.newPage({ locale: "en-GB", viewport: { width: 1_440, height: 900 } });
    await page.goto(`${url}/#/map`);
    await page.getByText("Live", { exact: true }).waitFor();
  }
  return { ...runningOf(side, system), url };
}

/** A system with a control room. */
export async function startWatched(
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly system: System; readonly url: string }> {
  const [port] = await freePorts(1);
  const system = await startBenchSystem({ DEBUG: "True", CONTROL_ROOM_PORT: String(port), ...env });
  return { system, url: `http://127.0.0.1:${port}` };
}

const runningOf = (side: Side, system: System): Running => ({
  side,
  system,
  processes: processesOf(system),
});

const flowsOf = ({ system, processes }: Running, length: Length): Promise<Measured> =>
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

function costsOf(
  turns: (side: Side) => readonly Turn[],
): Pick<FlowCosts, "flows" | "loaded" | "afterwards" | "together" | "threads"> {
  const cpuOf = (each: (turn: Turn) => number): FlowCpu => ({
    spread: bySide((side) => spreadOf(turns(side).map(each))),
    ratio: byOther((side) => pairedRatios(turns("off").map(each), turns(side).map(each))),
  });
  const threadsOf = (side: Side, role: string) =>
    mapKinds((kind) => spreadOf(turns(side).map(({ threads }) => threads[role]?.[kind] ?? 0)).median);
  return {
    flows: SIDES.flatMap(turns).reduce((all, { flows }) => all + flows, 0),
    loaded: cpuOf(({ loadedMs }) => loadedMs),
    afterwards: bySide((side) => spreadOf(turns(side).map(({ afterwardsMs }) => afterwardsMs))),
    together: cpuOf(({ loadedMs, afterwardsMs }) => loadedMs + afterwardsMs),
    threads: bySide((side) =>
      Object.fromEntries(
        Object.keys(turns(side)[0]?.threads ?? {}).map((role) => [role, threadsOf(side, role)]),
      ),
    ),
  };
}

const mapKinds = (value: (kind: Kind) => number): ByKind => ({
  main: value("main"),
  workers: value("workers"),
  V8: value("V8"),
  libuv: value("libuv"),
  others: value("others"),
});

function moreOf(loaded: (side: Side) => readonly Memory[]): FlowCosts["more"] {
  const of = (side: Side, role: Role) => loaded(side).map((one) => one[role] ?? 0);
  const more = (side: Side, role: Role) => pairedDifferences(of("off", role), of(side, role));
  return byOther((side) => ({ runtime: more(side, "runtime"), helper: more(side, "helper") }));
}

const mediansOf = (each: readonly ByRole[]): ByRole =>
  mapRoles(each[0] ?? {}, (_, role) => spreadOf(each.map((one) => one[role] ?? 0)).median);

const byOther = <T>(value: (side: Other) => T): Readonly<Record<Other, T>> => ({
  again: value("again"),
  closed: value("closed"),
  open: value("open"),
});

const bySide = <T>(value: (side: Side) => T): Readonly<Record<Side, T>> => ({
  off: value("off"),
  ...byOther(value),
});

function find(running: readonly Running[], side: Side): Running {
  const found = running.find((one) => one.side === side);
  if (found === undefined) throw new Error(`There is no side ${side}`);
  return found;
}

/** Starts systems without and with a control room, by turns. */
export async function measureStartCosts(rounds: number): Promise<StartCosts> {
  const one = async (on: boolean): Promise<Start> => {
    const [port] = await freePorts(1);
    return startOfSystem({ DEBUG: "True", ...(on ? { CONTROL_ROOM_PORT: String(port) } : {}) });
  };
  // Whatever is made once and kept (schemas, compiled code) is made before.
  await one(false);
  await one(true);
  const [off, on]: [Start[], Start[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    for (const which of round % 2 === 0 ? [false, true] : [true, false])
      (which ? on : off).push(await one(which));
  }
  const compared = (value: (start: Start) => number) => ({
    off: spreadOf(off.map(value)),
    on: spreadOf(on.map(value)),
    ratio: pairedRatios(off.map(value), on.map(value)),
  });
  return { wallMs: compared(({ wallMs }) => wallMs), cpuMs: compared(({ cpuMs }) => cpuMs) };
}
