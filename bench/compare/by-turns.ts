// Measures two systems by turns: what the machine does to one, it does to the other a moment later.

import { cpuEach, type Length } from "../bench-system.ts";
import type { Measured } from "../load/job.ts";
import { load } from "../load/launch.ts";
import type { Effort } from "../options.ts";
import { type ByRole, sum } from "../processes.ts";
import { pairedRatios, type Spread, spreadOf } from "./ratios.ts";
import type { Lengths, Scenario } from "./scenarios.ts";
import type { RunningSide } from "./side.ts";

const FIRST_WARM_UP = 3;

/** One scenario of one side, in one round. */
interface Turn {
  readonly measured: Measured;
  readonly cpu: ByRole;
}

/** What one side needed; medians of the rounds. */
export interface Result {
  readonly perSecond: Spread;
  readonly p50: Spread;
  readonly p99: Spread;
  readonly longest: Spread;
  /** CPU milliseconds of one request or flow. */
  readonly cpu: Spread;
  readonly cpuByRole: ByRole;
}

export interface Compared {
  readonly name: string;
  readonly lanes: number;
  readonly unit: string;
  readonly before: Result;
  readonly after: Result;
  /** After by before, round by round. */
  readonly ratio: {
    readonly perSecond: Spread;
    readonly p50: Spread;
    readonly p99: Spread;
    readonly cpu: Spread;
  };
}

/** Each scenario in each round, on both sides; the side that is first alternates. */
export async function measureByTurns(
  sides: readonly [RunningSide, RunningSide],
  scenarios: readonly Scenario[],
  effort: Effort,
  say: (what: string) => void,
): Promise<readonly Compared[]> {
  const turns = scenarios.map((scenario) => ({ scenario, before: [] as Turn[], after: [] as Turn[] }));
  for (let round = 0; round < effort.rounds; round += 1) {
    for (const { scenario, before, after } of turns) {
      say(`round ${round + 1} of ${effort.rounds}: ${scenario.name} at ${scenario.lanes}`);
      const pairs = [
        { side: sides[0], into: before },
        { side: sides[1], into: after },
      ];
      for (const { side, into } of round % 2 === 0 ? pairs : pairs.reverse()) {
        into.push(await turn(side, scenario, round === 0 ? warming(effort.turn) : effort.turn));
      }
    }
  }
  return turns.map(({ scenario: { name, lanes, unit }, before, after }) => {
    const ratio = (value: (turn: Turn) => number) => pairedRatios(before.map(value), after.map(value));
    return {
      name,
      lanes,
      unit,
      before: resultOf(before),
      after: resultOf(after),
      ratio: {
        perSecond: ratio(({ measured }) => measured.perSecond),
        p50: ratio(({ measured }) => measured.p50),
        p99: ratio(({ measured }) => measured.p99),
        cpu: ratio(({ cpu }) => sum(cpu)),
      },
    };
  });
}

/** In the first round, code is compiled that later ones have. */
function warming({ route, flow }: Lengths): Lengths {
  const longer = (length: Length): Length => ({ ...length, warmUpMs: length.warmUpMs * FIRST_WARM_UP });
  return { route: longer(route), flow: longer(flow) };
}

async function turn(side: RunningSide, scenario: Scenario, lengths: Lengths): Promise<Turn> {
  const measured = await load(scenario.job(side, lengths));
  return { measured, cpu: cpuEach(measured, side.idle.soon) };
}

function resultOf(turns: readonly Turn[]): Result {
  const of = (value: (turn: Turn) => number) => spreadOf(turns.map(value));
  const roles = Object.keys(turns[0]?.cpu ?? {});
  return {
    perSecond: of(({ measured }) => measured.perSecond),
    p50: of(({ measured }) => measured.p50),
    p99: of(({ measured }) => measured.p99),
    longest: of(({ measured }) => measured.longest),
    cpu: of(({ cpu }) => sum(cpu)),
    cpuByRole: Object.fromEntries(roles.map((role) => [role, of(({ cpu }) => cpu[role] ?? 0).median])),
  };
}
