import { expect, test } from "@jest/globals";
import { estimateOf, spreadOf } from "../compare/ratios.ts";
import { costsOf, type Pair } from "./costs.ts";
import { toMarkdown, verdict } from "./report.ts";
import type { Other, Side } from "./sides.ts";
import type { Turn } from "./together.ts";

test.each([
  [[1.0, 1.02], "met"],
  [[1.0, 1.03], "met"],
  [[1.04, 1.1], "MISSED"],
  [[1.0, 1.05], "can't tell"],
  // A single pair.
  [[Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], "can't tell"],
] as const)("of a ratio that most likely is within %j a goal of 1.03 is %s", (likely, said) => {
  expect(verdict(likely, 1.03)).toBe(said);
});

const sides = <T>(value: (side: Side) => T) => ({
  off: value("off"),
  again: value("again"),
  closed: value("closed"),
  open: value("open"),
});
const turn = (loadedMs: number, afterwardsMs: number, helper: number): Turn => ({
  flows: 100,
  perSecond: 50,
  loadedMs,
  afterwardsMs,
  threads: { helper: { main: loadedMs / 2, workers: 0.25, V8: 0, libuv: 0, others: 0 } },
  memory: { runtime: 150, helper },
});
const pair = (side: Other, off: Turn, other: Turn, atRest = true): Pair => ({ side, off, other, atRest });
const resting = {
  idle: sides(() => 10),
  used: sides(() => ({ runtime: 40, helper: 20 })),
  rested: sides((side) => ({ runtime: 120, helper: side === "off" ? 130 : 150 })),
};

// The machine is slower by half in each second pair.
const PAIRS: readonly Pair[] = [
  pair("again", turn(10, 0.5, 120), turn(10, 0.5, 121)),
  pair("again", turn(15, 0.5, 120), turn(15, 0.5, 119)),
  pair("closed", turn(10, 0, 120), turn(10.1, 1, 180)),
  pair("closed", turn(15, 0, 130), turn(15.15, 1.5, 200), false),
  pair("open", turn(10, 0, 120), turn(12, 1, 190)),
  pair("open", turn(15, 0, 120), turn(18, 1, 190)),
];

test("each pair is compared within itself, whatever the machine did in another", () => {
  const { loaded, together, threads, more, flows, restless } = costsOf(PAIRS, resting);
  expect(loaded.spread.off).toMatchObject({ median: 12.5, least: 10, most: 15 });
  expect(loaded.ratio.closed.mean).toBeCloseTo(1.01);
  expect(loaded.ratio.closed.standardError).toBeCloseTo(0);
  expect(together.ratio.closed).toEqual(estimateOf([11.1 / 10, 16.65 / 15]));
  expect(threads.more.open["helper"]?.main).toEqual(estimateOf([1, 1.5]));
  expect(threads.more.open["helper"]?.all.mean).toBeCloseTo(1.25);
  expect(more.closed.helper).toEqual(spreadOf([60, 70]));
  expect({ flows, restless }).toEqual({ flows: 1_200, restless: 1 });
});

test("a flow's CPU is shown under load, with its goal, afterwards, and together; that of threads by what it is more", () => {
  const flows = costsOf(PAIRS, resting);
  const text = toMarkdown({ machine: { cores: 2, cpu: "", node: "", date: "" }, flows }).replace(/ +/g, " ");
  expect(text).toContain("| off | 12.5 | – | 0.00 | 12.8 | – | 10.0 |");
  expect(text).toContain(
    "| closed | 12.6 | **1.01 ×** (1.01–1.01; pairs 1.01–1.01, median 1.01), goal 1.03: met | 1.25 | 13.9 | **1.11 ×** (1.11–1.11; pairs 1.11–1.11, median 1.11) | 10.0 |",
  );
  expect(text).toContain("goal 1.08: MISSED |");
  expect(text).toContain("| off | helper | 6.50 | 6.25 | 0.25 | 0.00 | 0.00 | 0.00 |");
  expect(text).toContain("| open | helper | +1.25 ± 0.25 | +1.25 ± 0.25 | +0.00 ± 0.00 |");
  expect(text).toContain("runtime +0 (+0 to +0), helper +65 (+60 to +70) MB: met |");
  expect(text).toContain("**After 1 pairs the systems were not at rest in time.**");
});
