import { expect, test } from "@jest/globals";
import { signalMeanings } from "./end-signals.ts";

test("a signal that npm passes on is the one that came before; a later one is another", () => {
  const meaningAt = signalMeanings();
  expect([1_000, 1_000.4, 1_040, 1_499].map(meaningAt)).toEqual(["first", "same", "same", "same"]);
  expect([1_500, 9_000].map(meaningAt)).toEqual(["again", "again"]);
});

test("where the first one came before, the next may still be the same", () => {
  const meaningAt = signalMeanings(1_000);
  expect([1_002, 2_000].map(meaningAt)).toEqual(["same", "again"]);
});
