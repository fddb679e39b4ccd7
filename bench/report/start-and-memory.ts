// Start, memory and rest.

import { median } from "../../tests/support/quantiles.ts";
import { pairedRatios } from "../compare/ratios.ts";
import { inLoops } from "../machine.ts";
import type { Figures } from "../measure.ts";
import { type ByRole, sum } from "../processes.ts";
import { figure, mb, memory, ms, percent, ratio, section, table, times } from "./format.ts";
import { GOALS } from "./goals.ts";

export function startAndMemory({ starts, uncachedMs, running }: Figures): string {
  const { idle, memory: seen, restMs } = running;
  const { baseline, systems } = starts;
  const [own = baseline] = systems;
  const { calibrationMs } = idle;
  const idleRow = (cpu: ByRole) =>
    `${percent(sum(cpu) / 1_000)} of a core (${ms(sum(cpu))} per second: ${byRole(cpu)}; machine ${ms(calibrationMs)}, ÷ machine ${figure(inLoops(sum(cpu), calibrationMs))})`;
  const start = (times: typeof own) => `${ms(median(times.wallMs))}, ${ms(median(times.cpuMs))} of CPU`;
  return section(
    "Start and memory",
    table(
      ["", "", "goal"],
      [
        [`ready: all services healthy and registered (median of ${own.wallMs.length})`, start(own), ""],
        ["plain serverless-offline, one trivial function, by turns", start(baseline), ""],
        ["ratio, time", ratio(pairedRatios(baseline.wallMs, own.wallMs)), ""],
        ["ratio, CPU", ratio(pairedRatios(baseline.cpuMs, own.cpuMs)), times(GOALS.startRatio)],
        ...(uncachedMs === undefined
          ? []
          : [["ready, first start ever (no compiled code kept)", ms(uncachedMs), ""]]),
        ["memory at ready", memory(seen.ready), mb(GOALS.memoryAtReady)],
        ["memory under load, at most", memory(seen.underLoad), ""],
        [
          `memory ${restMs / 1_000} s after load`,
          `${memory(seen.rested)}, **${times(sum(seen.rested) / sum(seen.ready))}** of ready`,
          times(GOALS.memoryAfterLoad),
        ],
        ["CPU without requests, 20 s after the last one", idleRow(idle.later), percent(GOALS.idleShare)],
        ["the same, just after some", idleRow(idle.soon), ""],
      ],
    ),
  );
}

const byRole = (cpu: ByRole): string =>
  Object.entries(cpu)
    .map(([role, value]) => `${role} ${figure(value)}`)
    .join(", ");
