// Start, memory and rest.

import { median } from "../../tests/support/quantiles.ts";
import { pairedRatios } from "../compare/ratios.ts";
import type { Figures } from "../measure.ts";
import { type ByRole, sum } from "../processes.ts";
import { SETTLED_MS } from "../sections/start-time.ts";
import { figure, mb, memory, ms, percent, ratio, section, table, times } from "./format.ts";
import { GOALS } from "./goals.ts";

export function startAndMemory({ starts, uncachedMs, running }: Figures): string {
  const { idle, memory: seen, restMs } = running;
  const { baseline, systems } = starts;
  const [own = baseline] = systems;
  const idleRow = (cpu: ByRole) =>
    `${percent(sum(cpu) / 1_000)} of a core (${ms(sum(cpu))} per second: ${byRole(cpu)})`;
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
        [
          `CPU until ${SETTLED_MS / 1_000} s after ready, when all functions are loaded`,
          `${ms(median(own.settledCpuMs))}, plain serverless-offline ${ms(median(baseline.settledCpuMs))}; ratio ${ratio(pairedRatios(baseline.settledCpuMs, own.settledCpuMs))}`,
          "",
        ],
        ...(uncachedMs === undefined
          ? []
          : [["ready, first start ever (no compiled code kept)", ms(uncachedMs), ""]]),
        ["memory at ready, all functions loaded", memory(seen.ready), mb(GOALS.memoryAtReady)],
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

/** How many packages have a line of their own. */
const TOP_PACKAGES = 20;

/** The CPU time until ready, by package and process. */
export function whereStartGoes({ startProfile }: Figures): string {
  const roles = startProfile.map(({ role }) => role);
  const totals = startProfile.map(({ total }) => total);
  const names = [...new Set(startProfile.flatMap(({ packages }) => packages.map(({ name }) => name)))];
  const parts = names
    .map((name) => ({
      name,
      times: startProfile.map(({ packages }) => packages.find((one) => one.name === name)?.ms ?? 0),
    }))
    .sort((one, other) => whole(other.times) - whole(one.times));
  const top = parts.slice(0, TOP_PACKAGES);
  const rest = totals.map((total, index) => total - whole(top.map(({ times: seen }) => seen[index] ?? 0)));
  return section(
    "Where a start goes",
    "CPU time until the line that says it is ready, all threads; shares by package from profiles of the main threads, in milliseconds; " +
      "`→ node` is what a package has Node do: load modules, above all.",
    table(
      ["", ...roles, "together"],
      [...top, { name: "others", times: rest }, { name: "**all**", times: totals }].map(
        ({ name, times: seen }) => [name, ...seen.map(rounded), rounded(whole(seen))],
      ),
    ),
  );
}

const whole = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

const rounded = (value: number): string => value.toFixed(1);

const byRole = (cpu: ByRole): string =>
  Object.entries(cpu)
    .map(([role, value]) => `${role} ${figure(value)}`)
    .join(", ");
