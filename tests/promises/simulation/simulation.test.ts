import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { explore, historyOf } from "./explore.ts";
import { runHistory } from "./history.ts";
import { mutated } from "./mutate.ts";
import { MUTATIONS } from "./mutations.ts";

test("200 histories keep every promise", async () => {
  const { passed, findings } = await explore(1_000, 200);
  expect(findings).toEqual([]);
  expect(passed).toBe(200);
});

test("the same seed gives the same history, line by line", async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const [first, second] = [
      await runHistory(historyOf(seed), true),
      await runHistory(historyOf(seed), true),
    ];
    expect(second.trace).toEqual(first.trace);
    expect(first.trace.length).toBeGreaterThan(5);
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
});

test.each(MUTATIONS.map((mutation) => [mutation.name, mutation] as const))(
  "the bug can still be planted: %s",
  (_, { edits }) => {
    for (const file of new Set(edits.map((edit) => edit.file))) {
      const source = readFileSync(`${import.meta.dirname}/../../../${file}`, "utf8");
      const planted = mutated(
        source,
        edits.filter((edit) => edit.file === file),
      );
      expect(planted).not.toBe(source);
    }
  },
);

test("a pattern that is not there, or there twice, plants nothing", () => {
  const edit = { file: "some.ts", find: "a", replace: "b" };
  expect(() => mutated("c", [edit])).toThrow("some.ts has 0 times: a");
  expect(() => mutated("aa", [edit])).toThrow("some.ts has 2 times: a");
  expect(mutated("cac", [edit])).toBe("cbc");
});
