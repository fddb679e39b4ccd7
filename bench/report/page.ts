// All figures as Markdown, for the terminal and for docs/benchmarks.md.

import type { Figures } from "../measure.ts";
import { growth } from "./comparison.ts";
import { database } from "./database.ts";
import { flows, whereTimeGoes } from "./flows.ts";
import { ms, percent } from "./format.ts";
import { costOfStack, routes } from "./routes.ts";
import { startAndMemory, whereStartGoes } from "./start-and-memory.ts";

export function toPage(figures: Figures): string {
  const { running } = figures;
  return [
    machineLine(figures),
    startAndMemory(figures),
    whereStartGoes(figures),
    flows(running),
    whereTimeGoes(running),
    routes(running),
    costOfStack(running),
    database(running),
    ...(figures.growth === undefined ? [] : [growth(figures.growth)]),
  ].join("\n\n");
}

function machineLine({ machine, command, running }: Figures): string {
  const others = Math.max(...[...running.flows, ...running.routes].map(({ measured }) => measured.others));
  const noise =
    others > 0.1
      ? ` **The machine was shared: other processes took up to ${percent(others)} of it during a measurement.**`
      : "";
  return (
    `\`${command}\` on ${machine.cores} cores (${machine.cpu}), Node.js ${machine.node}, ${machine.date.slice(0, 16)}Z, ` +
    `with the embedded database; the load comes from a process of its own on the same cores.${noise} A fixed loop, timed every second of the ` +
    `run, takes ${ms(machine.loop.leastMs)} of CPU at least and ${ms(machine.loop.medianMs)} in the middle: milliseconds of two pages can be ` +
    "compared where both are about the same, on the same machine or another. Times are those of this machine in this run; goals are " +
    "ratios within the run, of what was measured by turns, and shares, counts and memory."
  );
}
