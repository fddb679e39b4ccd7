import { describe, expect, test } from "@jest/globals";
import type { Attempt } from "../../support/recorded-attempts.ts";
import { lateAttempts } from "./attempts.ts";

const death = { origin: "http://127.0.0.1:8001", from: 10_000, announced: true, until: 20_000 };
const attempt = (at: number, origin = death.origin, caller = "a"): Attempt => ({
  caller,
  origin,
  path: "/",
  at,
});
const late = (...attempts: Attempt[]) => lateAttempts(attempts, [death], [], 0).map(({ deadFor }) => deadFor);

describe("an attempt at a dead address", () => {
  test("is not late within a second, nor elsewhere, nor after somebody else was started there", () => {
    expect(late(attempt(9_999), attempt(10_900), attempt(20_001))).toEqual([]);
    expect(late(attempt(15_000, "http://127.0.0.1:8002"))).toEqual([]);
  });

  test("is late after a second", () => {
    expect(late(attempt(15_000), attempt(11_001))).toEqual([1_001, 5_000]);
    expect(lateAttempts([attempt(11_300), attempt(11_301)], [death], [], 300)).toHaveLength(1);
  });

  test("at a death that nobody announced is late when the same caller had made one, or after the heartbeats' time", () => {
    const unannounced = { ...death, announced: false };
    const others = [attempt(15_000, death.origin, "b"), attempt(15_000, death.origin, "c")];
    expect(lateAttempts([attempt(15_000), ...others], [unannounced], [], 0)).toEqual([]);
    const again = [attempt(10_500), attempt(11_001), attempt(16_001, death.origin, "b")];
    expect(lateAttempts(again, [unannounced], [], 0).map(({ deadFor }) => deadFor)).toEqual([1_001, 6_001]);
  });

  test("by a caller that was stopped is late a second after it went on", () => {
    const pauses = [{ caller: "a", until: 15_000 }];
    expect(lateAttempts([attempt(15_999)], [death], pauses, 0)).toEqual([]);
    const others = [attempt(14_999), attempt(15_999, death.origin, "b"), attempt(16_001)];
    expect(lateAttempts(others, [death], pauses, 0).map(({ deadFor }) => deadFor)).toEqual([
      4_999, 5_999, 6_001,
    ]);
  });
});
