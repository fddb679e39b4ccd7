// The figures as text, for the terminal and for docs/registry.md.

import { figure, mb, ms, percent, table } from "../report/format.ts";
import type { Figures } from "./measure.ts";

const GOALS = { cpuShare: 0.1, lastToldMs: 250 };

export function toMarkdown({ machine, options, memory, steady, changes, failed }: Figures): string {
  const { instances, subscribers, services, sidecars } = options;
  const beats = sidecars ? "every second, as sidecars send them" : "every 5 s, as Nacos' clients send them";
  const busiest = Math.max(steady.others, changes.others);
  return [
    `${instances} instances of ${services} services and ${subscribers} subscribers of one of them, half by HTTP and half by gRPC; ` +
      `heartbeats ${beats}. ${machine.cores} cores (${machine.cpu}), Node.js ${machine.node}, ${machine.date.slice(0, 16)}Z.`,
    ...(busiest > 0.1 ? [`**Other processes used ${percent(busiest)} of the machine.**`] : []),
    table(
      ["", "", "goal"],
      [
        ["CPU without changes", `${percent(steady.cpuShare)} of a core`, percent(GOALS.cpuShare)],
        ["memory before, with all clients", `${mb(memory.before)}, ${mb(memory.settled)}`, ""],
        [`memory over ${figure(steady.seconds)} s`, trend(steady.memory), "flat"],
        [
          "a change → the last subscriber: p50, p99, the longest",
          spread(changes.lastTold),
          `p99 ${ms(GOALS.lastToldMs)}`,
        ],
        ["the same without waiting for a processor", spread(changes.lastToldWithCpu), ""],
        ["a change → each subscriber: p50, p99", `${ms(changes.each.p50)}, ${ms(changes.each.p99)}`, ""],
        ["not told within 5 s", `${changes.missed} of ${changes.count * subscribers}`, "0"],
        ["CPU for a change: registry, all clients", `${ms(changes.cpuMs)}, ${ms(changes.clientsCpuMs)}`, ""],
        ["memory after them", mb(changes.memory), ""],
        ["failed requests", `${failed.count}`, "0"],
      ],
    ),
    ...failed.first,
  ].join("\n\n");
}

const spread = ({ p50, p99, most }: Figures["changes"]["lastTold"]): string =>
  `${ms(p50)}, ${ms(p99)}, ${ms(most)}`;

/** `120, 118 … 119 MB`: at the start of each fifth, and at the end. */
function trend(values: readonly number[]): string {
  const step = Math.max(1, Math.ceil(values.length / 5));
  const shown = values.filter((_, index) => index % step === 0 || index === values.length - 1);
  return `${shown.map((value) => value.toFixed(0)).join(", ")} MB`;
}
