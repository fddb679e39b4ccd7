// What telemetry and the control room cost: systems without them, with them, and with a page open, side by side and by turns.

import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { freePorts } from "../../tests/support/free-ports.ts";
import type { System } from "../../tests/support/system.ts";
import { processesOf, SANDBOX_SECRET, startBenchSystem, timing } from "../bench-system.ts";
import { pairedDifferences, pairedRatios, type Spread, spreadOf } from "../compare/ratios.ts";
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
import { type Start, startOfSystem } from "../sections/start-time.ts";
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

export interface FlowCosts {
  readonly flows: number;
  /** CPU milliseconds of a flow, all processes. */
  readonly cpu: Readonly<Record<Side, Spread>>;
  /** Medians by process. */
  readonly byRole: Readonly<Record<Side, ByRole>>;
  /** To the side without, round by round. */
  readonly ratio: Readonly<Record<Other, Spread>>;
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
const TURN = { warmUpMs: 1_000, warmUpCount: 100, windowMs: 5_000 };
const FIRST_WARM_UP_MS = 8_000;
/** Of all sides after the last load, whose turns differ: longer than an idle process keeps what a load has left behind (local/shared/idle-memory.ts). */
const REST_MS = 60_000;
/** Longer than until local/shared/compiled-code.ts writes what the first report, heartbeat and page have loaded. */
const CODE_IS_KEPT_MS = 15_000;

interface Running {
  readonly side: Side;
  readonly system: System;
  readonly processes: Processes;
}

export async function measureFlowCosts(browser: Browser, rounds: number): Promise<FlowCosts> {
  await rehearse();
  const used = usedMemory();
  const running: Running[] = [];
  try {
    for (const side of SIDES) running.push(await start(browser, side, used.env));
    const turns = new Map<Side, ByRole[]>(SIDES.map((side) => [side, []]));
    const loaded = new Map<Side, Memory[]>(SIDES.map((side) => [side, []]));
    let flows = 0;
    for (let round = 0; round <= rounds; round += 1) {
      // Each is the first one in turn.
      const order = running.map((_, index) => running[(index + round) % running.length] as Running);
      for (const one of order) {
        const endWatch = watchTypicalMemory(one.processes);
        const { count, cpuMs } = await turn(one, round === 0);
        const seen = endWatch();
        // In the first round, code is compiled that later ones have.
        if (round === 0) continue;
        loaded.get(one.side)?.push(seen);
        flows += count;
        turns.get(one.side)?.push(mapRoles(cpuMs, (value) => value / count));
      }
    }
    await sleep(REST_MS);
    const rested = bySide((side) => memoryOf(find(running, side).processes));
    const kept = new Map<Side, Memory>();
    for (const one of running) {
      await turn(one, false);
      kept.set(one.side, mapRoles(await used.read(one.processes), Math.round));
    }
    return {
      flows,
      ...costsOf(turns),
      memory: {
        loaded: bySide((side) => mapRoles(mediansOf(loaded.get(side) ?? []), Math.round)),
        used: bySide((side) => kept.get(side) ?? {}),
        rested,
      },
      more: moreOf(loaded),
    };
  } finally {
    for (const { system } of running) await system.cleanUp();
    used.remove();
  }
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
  return runningOf(side, system);
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

const turn = ({ system, processes }: Running, first: boolean) =>
  load({
    kind: "flow",
    users: "new",
    // Orders that nobody has paid for would be violations, which are looked at again and again.
    paidBy: "provider",
    urls: system.urls,
    secret: SANDBOX_SECRET,
    ...timing(LANES, processes, first ? { ...TURN, warmUpMs: FIRST_WARM_UP_MS } : TURN),
  });

function costsOf(turns: ReadonlyMap<Side, readonly ByRole[]>): Pick<FlowCosts, "cpu" | "byRole" | "ratio"> {
  const of = (side: Side) => turns.get(side) ?? [];
  const sums = (side: Side) => of(side).map(sum);
  return {
    cpu: bySide((side) => spreadOf(sums(side))),
    byRole: bySide((side) => mediansOf(of(side))),
    ratio: byOther((side) => pairedRatios(sums("off"), sums(side))),
  };
}

function moreOf(loaded: ReadonlyMap<Side, readonly Memory[]>): FlowCosts["more"] {
  const of = (side: Side, role: Role) => (loaded.get(side) ?? []).map((one) => one[role] ?? 0);
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
