import { expect, test } from "@jest/globals";
import { explore, historyOf } from "./explore.ts";
import { runHistory } from "./history.ts";

test("200 histories keep every promise", async () => {
  const { passed, findings } = await explore(1_000, 200);
  expect(findings).toEqual([]);
  expect(passed).toBe(200);
});

test("the same seed gives the same history, line by line", async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const [first, second] = [await runHistory(historyOf(seed), true), await runHistory(historyOf(seed), true)];
    expect(second.trace).toEqual(first.trace);
    expect(first.trace.length).toBeGreaterThan(20);
  }
});

test("another seed gives another history", async () => {
  const [one, two] = [await runHistory(historyOf(1), true), await runHistory(historyOf(2), true)];
  expect(one.trace).not.toEqual(two.trace);
});

test("clock, timers and random numbers are the world's own again after a history", async () => {
  const before = [Date.now, setTimeout, Math.random, crypto.getRandomValues];
  await runHistory(historyOf(1));
  expect([Date.now, setTimeout, Math.random, crypto.getRandomValues]).toEqual(before);
  expect(Math.abs(Date.now() - new Date().getTime())).toBeLessThan(1_000);
});
