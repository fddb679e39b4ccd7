// The figures as tables, for the terminal and for docs/discovery-benchmarks.md.

import { median } from "../../tests/support/quantiles.ts";
import type { Fault, Figures } from "./measure.ts";
import type { Outcome } from "./sections/faults.ts";

const GOAL = { overheadShare: 0.05, overheadUs: 50 };

/** All figures as Markdown. */
export function toMarkdown(figures: Figures): string {
  return [
    machineLine(figures),
    section("Overhead of a discovered call", overhead(figures)),
    section("One of three instances is slow", slowInstance(figures)),
    section("Faults", faults(figures)),
    section("A new instance", newInstance(figures)),
  ].join("\n\n");
}

function machineLine({ machine, command }: Figures): string {
  const busy =
    machine.load > 0.3
      ? ` **The machine was busy: ${machine.load.toFixed(1)} processes per core wanted to run before it began.**`
      : "";
  return (
    `\`${command}\` on ${machine.cores} cores (${machine.cpu}), Node.js ${machine.node}, ${machine.date.slice(0, 16)}Z. ` +
    `Instances, sidecars, callers and the embedded registry are processes of their own on the same cores.${busy}`
  );
}

function overhead({ overhead: measured }: Figures): string {
  const share = measured.discovered / measured.request - 1;
  const met = share <= GOAL.overheadShare || measured.overRequestUs <= GOAL.overheadUs;
  return [
    "The same small POST to the same peer, one at a time and by turns.",
    table(
      ["", "p50", "the discovered call takes longer by"],
      [
        ["`fetch`", ms(measured.fetch), us(measured.overFetchUs)],
        ["`undici.request`", ms(measured.request), us(measured.overRequestUs)],
        ["discovered", ms(measured.discovered), ""],
      ],
    ),
    `Medians of the differences within ${measured.rounds} rounds. Over \`undici.request\`: **${us(measured.overRequestUs)}**, ` +
      `p50 ${percent(share)} (goal: 5 % or 50 µs, ${met ? "met" : "**missed**"}).`,
  ].join("\n\n");
}

function slowInstance({ slowInstance: { ours, roundRobin, delays, perSecond } }: Figures): string {
  const row = (name: string, { p50, p99, slowShare, calls }: typeof ours) => [
    name,
    ms(p50),
    ms(p99),
    percent(slowShare),
    `${calls}`,
  ];
  return [
    `Service times ${delays.join(", ")} ms; ${perSecond} calls/s whether or not they are answered, by turns.`,
    table(
      ["", "p50", "p99", "calls that the slow one got", "calls"],
      [row("P2C, peak EWMA", ours), row("round robin", roundRobin)],
    ),
    `p99 is **${(roundRobin.p99 / ours.p99).toFixed(1)} ×** lower.`,
  ].join("\n\n");
}

function faults({ faults: all, perSecond, outageMs }: Figures): string {
  return [
    `Three instances and a caller of each kind at ${perSecond} calls/s each, on one registry. *ours*: \`lib/discovery\` and a ` +
      "sidecar per instance. *plain*: the `nacos` package as its documentation has it (its own heartbeats; a healthy " +
      "instance by random choice; the same time-out; no retries, which it does not have). Times count from the fault; " +
      "of several repetitions the worst, for evictions the median.",
    table(
      ["", "", "failed calls", "failed attempts", "last failed attempt", "evicted after", "slowest call"],
      [
        ...rows("kill -9 of an instance", all.killed),
        ...rows("SIGSTOP of an instance", all.paused),
        ...rows("kill -9 of its sidecar", all.sidecarKilled),
        ...rows("kill -9 of both at once", all.bothKilled),
        ...rows(`registry killed for ${outageMs / 1_000} s, an instance a second later`, all.registryAway),
      ],
    ),
    resumed(all),
  ].join("\n\n");
}

function rows(fault: string, { ours, plain }: Fault): string[][] {
  const row = (name: string, outcomes: readonly Outcome[]) => {
    const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((all, outcome) => all + of(outcome), 0);
    const last = outcomes.flatMap(({ lastFailedMs }) => lastFailedMs ?? []);
    const evicted = outcomes.flatMap(({ evictedMs }) => evictedMs ?? []);
    return [
      name,
      `**${sum(({ failedCalls }) => failedCalls)}** of ${sum(({ calls }) => calls)}`,
      `${sum(({ failedAttempts }) => failedAttempts)}`,
      last.length === 0 ? "none" : ms(Math.max(...last)),
      evicted.length === 0 ? "never" : ms(median(evicted)),
      ms(Math.max(...outcomes.map(({ slowestMs }) => slowestMs))),
    ];
  };
  const times = ours.length > 1 ? ` (${ours.length} times)` : "";
  const first = [fault, ...row(`ours${times}`, ours)];
  return plain === undefined ? [first] : [first, ["", ...row("plain", [plain])]];
}

function resumed({ paused, registryAway }: Figures["faults"]): string {
  const back = paused.ours.flatMap(({ backMs }) => backMs ?? []);
  const plainBack = paused.plain?.backMs;
  const again = registryAway.ours.map(({ registeredAgainMs }) => registeredAgainMs);
  const plainAgain = registryAway.plain?.registeredAgainMs;
  return (
    `A resumed instance serves again after **${ms(median(back))}** (plain: ${shown(plainBack)}). When the registry is back, all ` +
    `who live are registered again after **${ms(median(again))}** (plain: ${shown(plainAgain)}).`
  );
}

function newInstance({ newInstance: { ours, plain } }: Figures): string {
  return [
    table(
      ["first request after", "ours", "plain"],
      [
        ["it listens", ms(ours.fromListening), ms(plain.fromListening)],
        ["its process was started", ms(ours.fromSpawn), ms(plain.fromSpawn)],
      ],
    ),
    `Medians of ${ours.starts}. The sidecar is a process that starts together with the instance, and this instance, which only ` +
      "answers, is there long before it; a real service listens later.",
  ].join("\n\n");
}

const section = (title: string, text: string): string => `## ${title}\n\n${text}`;

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const all = [head, ...body];
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => [...(row[column] ?? "")].length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - [...cell].length)).join(" | ")} |`;
  return [line(head), line(widths.map((size) => "-".repeat(size))), ...body.map(line)].join("\n");
}

const ms = (value: number): string =>
  value >= 10_000
    ? `${(value / 1_000).toFixed(1)} s`
    : `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;
const us = (value: number): string => `${value.toFixed(0)} µs`;
const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;
const shown = (value: number | undefined): string => (value === undefined ? "–" : ms(value));
