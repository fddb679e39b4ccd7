import { expect, test } from "@jest/globals";
import type { FlowCosts, FlowCpu, Side } from "./costs.ts";
import { toMarkdown, verdict } from "./report.ts";

test.each([
  [[1.0, 1.02], 1.01, "met"],
  [[1.04, 1.1], 1.06, "MISSED"],
  [[1.0, 1.05], 1.02, "met, but these rounds can't tell"],
  [[1.02, 1.09], 1.05, "MISSED, but these rounds can't tell"],
] as const)(
  "of a ratio that most likely is within %j, with a median of %d, a goal of 1.03 is %s",
  (likely, middle, said) => {
    expect(verdict({ median: middle, least: 0, most: 2, likely }, 1.03)).toBe(said);
  },
);

const sides = <T>(value: (side: Side) => T) => ({
  off: value("off"),
  again: value("again"),
  closed: value("closed"),
  open: value("open"),
});
const spread = (median: number) =>
  ({ median, least: median - 0.1, most: median + 0.1, likely: [median, median] }) as const;
const cpu = (ms: Readonly<Record<Side, number>>): FlowCpu => ({
  spread: sides((side) => spread(ms[side])),
  ratio: sides((side) => spread(ms[side] / ms.off)),
});

test("a flow's CPU is shown under load, with its goal, afterwards, and together", () => {
  const memory = sides(() => ({ runtime: 100, helper: 100 }));
  const flows: FlowCosts = {
    flows: 1,
    loaded: cpu({ off: 5, again: 5, closed: 5.1, open: 6 }),
    afterwards: sides((side) => spread(side === "off" || side === "again" ? 0.5 : 2)),
    together: cpu({ off: 5.5, again: 5.5, closed: 7.1, open: 8 }),
    threads: sides(() => ({ helper: { main: 1, workers: 2, V8: 3, libuv: 4, others: 0 } })),
    idle: sides(() => 10),
    restless: 2,
    betweenTurns: spread(20),
    memory: { loaded: memory, used: memory, rested: memory },
    more: sides(() => ({ runtime: spread(0), helper: spread(0) })),
  };
  const text = toMarkdown({ machine: { cores: 2, cpu: "", node: "", date: "" }, flows }).replace(/ +/g, " ");
  expect(text).toContain("| off | 5.00 | – | 0.50 | 5.50 | – | 10.0 |");
  expect(text).toContain(
    "| closed | 5.10 | **1.02 ×** (1.02–1.02; rounds 0.92–1.12), goal 1.03: met | 2.00 | 7.10 | **1.29 ×** (1.29–1.29; rounds 1.19–1.39) | 10.0 |",
  );
  expect(text).toContain("goal 1.08: MISSED |");
  expect(text).toContain("| open | helper | 1.00 | 2.00 | 3.00 | 4.00 | 0.00 |");
  expect(text).toContain("**After 2 turns the systems were not at rest in time.**");
});
