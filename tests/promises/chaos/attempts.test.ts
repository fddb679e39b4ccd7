import { describe, expect, test } from "@jest/globals";
import type { Attempt } from "../../support/recorded-attempts.ts";
import { lateAttempts, type Recorded } from "./attempts.ts";

const death = { origin: "http://127.0.0.1:8001", from: 10_000, until: 30_000 };
const attempt = (at: number, origin = death.origin, caller = "a"): Attempt => ({
  caller,
  origin,
  path: "/",
  at,
});
const recorded = (attempts: Attempt[], more: Partial<Recorded> = {}): Recorded => ({
  attempts,
  deaths: [death],
  pauses: [],
  outages: [],
  ...more,
});
const late = (attempts: Attempt[], more?: Partial<Recorded>) =>
  lateAttempts(recorded(attempts, more), 0).map(({ deadFor }) => deadFor);

describe("an attempt at a dead address", () => {
  test("is not late within a second, nor elsewhere, nor after somebody else was started there", () => {
    expect(late([attempt(9_999), attempt(10_900), attempt(30_001)])).toEqual([]);
    expect(late([attempt(15_000, "http://127.0.0.1:8002")])).toEqual([]);
  });

  test("is late after a second, also the first one of its caller", () => {
    expect(late([attempt(15_000), attempt(11_001), attempt(11_001, death.origin, "b")])).toEqual([
      1_001, 1_001, 5_000,
    ]);
    expect(lateAttempts(recorded([attempt(11_900), attempt(11_901)]), 300)).toHaveLength(1);
  });

  test("is late only if it is not the caller's first, where the registry was away within a second of the death", () => {
    const others = [attempt(15_000, death.origin, "b"), attempt(15_000, death.origin, "c")];
    for (const outage of [
      { from: 9_500, until: 12_000 },
      { from: 5_000, until: 9_500 },
      { from: 10_500, until: 12_000 },
      { from: 9_000, until: Number.POSITIVE_INFINITY },
    ])
      expect(late([attempt(15_000), attempt(15_001), ...others], { outages: [outage] })).toEqual([5_001]);
  });

  test("is late where the registry had been back for longer, or went away later", () => {
    for (const outage of [
      { from: 5_000, until: 8_900 },
      { from: 11_100, until: 12_000 },
    ])
      expect(late([attempt(15_000)], { outages: [outage] })).toEqual([5_000]);
  });

  test("is late six seconds after the registry was back", () => {
    const outages = [{ from: 9_500, until: 12_000 }];
    expect(late([attempt(18_000), attempt(18_001, death.origin, "b")], { outages })).toEqual([8_001]);
  });

  test("by a caller that was stopped is late a second after it went on", () => {
    const pauses = [{ caller: "a", until: 15_000 }];
    expect(late([attempt(15_999)], { pauses })).toEqual([]);
    const others = [attempt(14_999), attempt(15_999, death.origin, "b"), attempt(16_001)];
    expect(late(others, { pauses })).toEqual([4_999, 5_999, 6_001]);
  });
});
