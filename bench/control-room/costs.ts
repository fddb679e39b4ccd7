// What telemetry and the control room cost a flow: pairs of fresh systems, without and with, under load at the same time.

import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import {
  type Estimate,
  estimatedDifference,
  estimatedRatio,
  pairedDifferences,
  type Spread,
  spreadOf,
} from "../compare/ratios.ts";
import { type ByRole, type Memory, mapRoles, memoryOf } from "../processes.ts";
import { idleOf } from "../rest.ts";
import { KINDS, type Kind, mapKinds } from "../usage.ts";
import { usedMemory } from "../used-memory.ts";
import { OTHERS, type Other, type Running, rehearse, SIDES, type Side, withSides } from "./sides.ts";
import { flowsOf, LOAD, measureTogether, type Turn } from "./together.ts";

/**
 * `loaded`: while a load runs, medians of the pairs, each the median of many looks; garbage comes and goes, and one look would find any state of
 * it. `used`: after a load and a collection of garbage, what V8 says is in use, of all threads. `rested`: when all have rested for as long.
 */
export const MEMORY_AT = ["loaded", "used", "rested"] as const;
export type MemoryAt = (typeof MEMORY_AT)[number];

/** CPU milliseconds of a flow, all processes, pair by pair. */
export interface FlowCpu {
  readonly spread: Readonly<Record<Side, Spread>>;
  /** To the side without in the same pair. */
  readonly ratio: Readonly<Record<Other, Estimate>>;
}

/** CPU milliseconds of a flow, by kind of thread and of all together. */
export type Threads<T> = Readonly<Record<Kind | "all", T>>;

export interface FlowCosts {
  readonly flows: number;
  /** Flows a second of one system, while the other one of its pair has as many. */
  readonly perSecond: Spread;
  /** While the load runs. */
  readonly loaded: FlowCpu;
  /** What is put off until the load has ended: until both are at rest, above what they use without requests. */
  readonly afterwards: Readonly<Record<Side, Spread>>;
  readonly together: FlowCpu;
  /** While the load runs, by process: medians without, and how much more it is with. */
  readonly threads: {
    readonly off: Readonly<Record<string, Threads<number>>>;
    readonly more: Readonly<Record<Other, Readonly<Record<string, Threads<Estimate>>>>>;
  };
  /** CPU milliseconds per second without requests, just after some. */
  readonly idle: Readonly<Record<Side, number>>;
  /** Pairs after which the systems were not at rest for as long as was waited. */
  readonly restless: number;
  readonly memory: Readonly<Record<MemoryAt, Readonly<Record<Side, Memory>>>>;
  /** MB more than the side without, pair by pair, under load. */
  readonly more: Readonly<Record<Other, Readonly<Record<Role, Spread>>>>;
}

/** Processes that are compared by memory. */
export type Role = "runtime" | "helper";

/** Some requests, after which a system polls the lists of the services that it calls. */
const TOUCH = { warmUpMs: 0, warmUpCount: 0, windowMs: 200 };
/** Longer than an idle process keeps what a load has left behind (local/shared/idle-memory.ts). */
const REST_MS = 60_000;
/** After which memory in use is read. */
const SHORT_LOAD = { warmUpMs: 1_000, warmUpCount: 0, windowMs: 3_000 };

/** One pair of systems that were under load at the same time. */
export interface Pair {
  readonly side: Other;
  readonly off: Turn;
  readonly other: Turn;
  readonly atRest: boolean;
}

/**
 * Of each round, a pair with each other side. All systems are fresh: what a compiler made of the code differs from system to system by a few
 * percent, for as long as one runs. Which one begins first alternates.
 */
export async function measureFlowCosts(
  browser: Browser,
  rounds: number,
  say: (what: string) => void,
): Promise<FlowCosts> {
  await rehearse();
  const resting = await measureResting(browser);
  const pairs: Pair[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, side] of OTHERS.entries()) {
      const order: readonly Side[] = (round + index) % 2 === 0 ? ["off", side] : [side, "off"];
      const { turns, atRest } = await measureTogether(browser, order, resting.idle);
      const { off, [side]: other } = turns;
      if (off === undefined || other === undefined) throw new Error("A side of the pair was not measured");
      pairs.push({ side, off, other, atRest });
      const ratio = (other.loadedMs / off.loadedMs).toFixed(3);
      say(`pair ${pairs.length} of ${rounds * OTHERS.length}: ${side} ${ratio}`);
    }
  }
  return costsOf(pairs, resting);
}

/** What is seen of systems that nobody uses. */
export interface Resting {
  readonly idle: Readonly<Record<Side, number>>;
  readonly used: Readonly<Record<Side, Memory>>;
  readonly rested: Readonly<Record<Side, Memory>>;
}

/** All sides rest at the same time after a load; that they share the machine matters to none of these figures. */
async function measureResting(browser: Browser): Promise<Resting> {
  const memory = usedMemory();
  try {
    return await withSides(browser, SIDES, memory.env, async (running) => {
      await Promise.all(running.map((one) => flowsOf(one, LOAD)));
      await Promise.all(running.map((one) => one.untilJudged()));
      await Promise.all(running.map((one) => flowsOf(one, TOUCH)));
      await Promise.all(running.map((one) => one.untilJudged()));
      const idle = await ofEach(running, ({ processes }) => idleOf(processes));
      await sleep(REST_MS);
      const rested = await ofEach(running, async ({ processes }) => memoryOf(processes));
      await Promise.all(running.map((one) => flowsOf(one, SHORT_LOAD)));
      const used = await ofEach(running, async ({ processes }) =>
        mapRoles(await memory.read(processes), Math.round),
      );
      return { idle, used, rested };
    });
  } finally {
    memory.remove();
  }
}

async function ofEach<T>(
  running: readonly Running[],
  value: (one: Running) => Promise<T>,
): Promise<Readonly<Record<Side, T>>> {
  const of = async (side: Side): Promise<T> => {
    const one = running.find((each) => each.side === side);
    if (one === undefined) throw new Error(`There is no side ${side}`);
    return value(one);
  };
  const [off, again, closed, open] = await Promise.all([of("off"), of("again"), of("closed"), of("open")]);
  return { off, again, closed, open };
}

/** The figures of all pairs, each of which is compared within itself. */
export function costsOf(pairs: readonly Pair[], { idle, used, rested }: Resting): FlowCosts {
  const pairsWith = (side: Other) => pairs.filter((pair) => pair.side === side);
  const offIn = (side: Other) => pairsWith(side).map(({ off }) => off);
  const turnsOf = (side: Side): readonly Turn[] =>
    side === "off" ? pairs.map(({ off }) => off) : pairsWith(side).map(({ other }) => other);
  const spreads = (each: (turn: Turn) => number) => bySide((side) => spreadOf(turnsOf(side).map(each)));
  const cpuOf = (each: (turn: Turn) => number): FlowCpu => ({
    spread: spreads(each),
    ratio: byOther((side) => estimatedRatio(offIn(side).map(each), turnsOf(side).map(each))),
  });
  const turns = SIDES.flatMap(turnsOf);
  const roles = Object.keys(turns[0]?.threads ?? {});
  const more = (side: Other, role: Role) =>
    pairedDifferences(
      offIn(side).map(({ memory }) => memory[role] ?? 0),
      turnsOf(side).map(({ memory }) => memory[role] ?? 0),
    );
  return {
    flows: turns.reduce((all, { flows }) => all + flows, 0),
    perSecond: spreadOf(turns.map(({ perSecond }) => perSecond)),
    loaded: cpuOf(({ loadedMs }) => loadedMs),
    afterwards: spreads(({ afterwardsMs }) => afterwardsMs),
    together: cpuOf(({ loadedMs, afterwardsMs }) => loadedMs + afterwardsMs),
    threads: {
      off: byRoles(roles, (role) => ofKinds((kind) => spreadOf(turnsOf("off").map(msOf(role, kind))).median)),
      more: byOther((side) =>
        byRoles(roles, (role) =>
          ofKinds((kind) =>
            estimatedDifference(offIn(side).map(msOf(role, kind)), turnsOf(side).map(msOf(role, kind))),
          ),
        ),
      ),
    },
    idle,
    restless: pairs.filter(({ atRest }) => !atRest).length,
    memory: {
      loaded: bySide((side) => mediansOf(turnsOf(side).map(({ memory }) => memory))),
      used,
      rested,
    },
    more: byOther((side) => ({ runtime: more(side, "runtime"), helper: more(side, "helper") })),
  };
}

const msOf =
  (role: string, kind: Kind | "all") =>
  ({ threads }: Turn): number => {
    const byKind = threads[role];
    if (byKind === undefined) return 0;
    return kind === "all" ? KINDS.reduce((all, one) => all + byKind[one], 0) : byKind[kind];
  };

const byRoles = <T>(roles: readonly string[], value: (role: string) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(roles.map((role) => [role, value(role)]));

const ofKinds = <T>(value: (kind: Kind | "all") => T): Threads<T> => ({
  all: value("all"),
  ...mapKinds<T>(value),
});

const mediansOf = (each: readonly ByRole[]): ByRole =>
  mapRoles(each[0] ?? {}, (_, role) => Math.round(spreadOf(each.map((one) => one[role] ?? 0)).median));

const byOther = <T>(value: (side: Other) => T): Readonly<Record<Other, T>> => ({
  again: value("again"),
  closed: value("closed"),
  open: value("open"),
});

const bySide = <T>(value: (side: Side) => T): Readonly<Record<Side, T>> => ({
  off: value("off"),
  ...byOther(value),
});
