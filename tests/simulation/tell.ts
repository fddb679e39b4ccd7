// A history in words.

import { GAPS, type History } from "./steps.ts";

/** One line for each step, and what the ports do. */
export function describeHistory({ steps, schedule, turbulence, mail }: History): string[] {
  const set = schedule.filter((n) => n !== 0).length;
  return [
    `turbulence ${turbulence}, mail ${mail ? "on" : "off"}, ${set} of ${schedule.length} calls not plain`,
    ...steps.map(
      ({ kind, gap, order, key, n }, at) =>
        `step ${at + 1}: after ${GAPS[gap] ?? 0} ms ${kind} (order ${order}, key ${key}, n ${n})`,
    ),
  ];
}
