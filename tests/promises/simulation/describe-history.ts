// A history in words.

import { GAPS, type History } from "./steps.ts";

const BEGUN = ["an order", "an order that is being paid", "an order that is paid"];

const REACHED = ["no push", "browsers", "connections", "browsers and connections"];

/** One line for each step, and what the ports do. */
export function describeHistory({ begun, steps, schedule, turbulence, mail, push }: History): string[] {
  const set = schedule.filter((n) => n !== 0).length;
  return [
    `begins with ${BEGUN[begun]}, turbulence ${turbulence}, mail ${mail ? "on" : "off"}, ${REACHED[push]}, ${set} of ${schedule.length} calls not plain`,
    ...steps.map(
      ({ kind, gap, order, key, n }, at) =>
        `step ${at + 1}: after ${GAPS[gap] ?? 0} ms ${kind} (order ${order}, key ${key}, n ${n})`,
    ),
  ];
}
