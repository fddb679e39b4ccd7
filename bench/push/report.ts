// The figures as text, for the terminal and for docs/live.md.

import { type ByRole, sum } from "../processes.ts";
import { figure, mb, ms, percent, table } from "../report/format.ts";
import type { Figures, Loaded, Rate, Rest, Window } from "./measure.ts";
import type { Times } from "./messages.ts";

const GOALS = { p50Ms: 15, p99Ms: 100 };

export function toMarkdown(figures: Figures): string {
  const { machine, options, idle, opening, rates, orders } = figures;
  const { connections, users, gateway } = options;
  const loads = rates.flatMap(({ connected, strangers }) => [connected, strangers]);
  const all = [...loads, orders];
  const busiest = Math.max(...[idle.before, idle.connected, opening, ...all].map(({ others }) => others));
  const kbEach = (of: (rest: Rest) => ByRole): string =>
    `${figure(((sum(of(idle.connected)) - sum(of(idle.before))) * 1_024) / connections)} KB`;
  const rows = [
    [
      "memory without connections, with them",
      `${memoryText(idle.before)}, ${memoryText(idle.connected)}`,
      "",
    ],
    [
      "of that a connection, and what it uses of the heap",
      `${kbEach(({ memory }) => memory)}, ${kbEach(({ used }) => used)}`,
      "",
    ],
    ["CPU to open one", ms(sum(opening.cpuMs) / connections), ""],
    [
      "CPU without anything to send: without connections, with them",
      `${share(idle.before)}, ${share(idle.connected)}`,
      "",
    ],
    ["of that a connection", `${figure(restEach(figures) * 1_000)} µs a second`, ""],
    ...rates.flatMap((rate) => rateRows(rate, connections)),
    ["an order is sent → its buyer's frames: p50, p99, longest", times(orders.notified.sinceSent), GOAL],
    ["the same without waiting for a processor", times(orders.notified.sinceSentWithCpu), ""],
    ["the order is acknowledged → the frames", times(orders.notified.sinceReply), ""],
    ["frames that did not come, came twice or out of order", `${lost(all)} of ${framesOf(all)}`, "0"],
  ];
  return [
    `${connections} live connections of ${users} users ${gateway ? "through the gateway" : "at NotificationService"}; ` +
      `${orders.notifications} orders, ${options.rate} a second. All services in one process. ` +
      `${machine.cores} cores (${machine.cpu}), Node.js ${machine.node}, ${machine.date.slice(0, 16)}Z.`,
    ...(busiest > 0.1 ? [`**Other processes used up to ${percent(busiest)} of the machine.**`] : []),
    table(["", "", "goal"], rows),
  ].join("\n\n");
}

const GOAL = `p50 ${ms(GOALS.p50Ms)}, p99 ${ms(GOALS.p99Ms)}`;

/** Of one rate: what the system used, and how much of it was for the frames. */
function rateRows({ framesPerSecond, connected, strangers }: Rate, connections: number): string[][] {
  const each = (load: Loaded) => sum(load.cpuMs) / load.notifications;
  const forFrames = (each(connected) - each(strangers)) * connected.notifications;
  const ofFrame = forFrames / connected.notified.frames;
  return [
    [`${framesPerSecond} frames/s: CPU, memory`, `${share(connected)}, ${memoryText(connected)}`, ""],
    [
      "as many notifications to users without connections: CPU, memory",
      `${share(strangers)}, ${memoryText(strangers)}`,
      "",
    ],
    [
      "the difference, by frame and by connection",
      `${ms(ofFrame)}, ${figure((forFrames / connected.seconds / connections) * 1_000)} µs a second`,
      "",
    ],
  ];
}

const memoryText = ({ memory }: Window): string => mb(sum(memory));

/** CPU milliseconds of a second, for each connection. */
const restEach = ({ idle, options }: Figures): number =>
  (perSecond(idle.connected) - perSecond(idle.before)) / options.connections;
const perSecond = ({ cpuMs, seconds }: Window): number => sum(cpuMs) / seconds;
const share = (window: Window): string => `${percent(perSecond(window) / 1_000)} of a core`;

const times = ({ p50, p99, longest }: Times): string => `${ms(p50)}, ${ms(p99)}, ${ms(longest)}`;
const lost = (loads: readonly Loaded[]): number =>
  loads.reduce((total, { notified }) => total + notified.missing + notified.disorder, 0);
const framesOf = (loads: readonly Loaded[]): number =>
  loads.reduce((total, { notified }) => total + notified.frames, 0);
