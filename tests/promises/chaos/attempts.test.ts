import { describe, expect, test } from "@jest/globals";
import type { Attempt } from "../../support/recorded-attempts.ts";
import { lateAttempts } from "./attempts.ts";

const death = { origin: "http://127.0.0.1:8001", from: 10_000, until: 20_000 };
const attempt = (at: number, origin = death.origin): Attempt => ({ caller: "a", origin, path: "/", at });
const late = (...attempts: Attempt[]) => lateAttempts(attempts, [death], 0).map(({ deadFor }) => deadFor);

describe("an attempt at a dead address", () => {
  test("is not late within a second, nor elsewhere, nor after somebody else was started there", () => {
    expect(late(attempt(9_999), attempt(10_900), attempt(20_001))).toEqual([]);
    expect(late(attempt(15_000, "http://127.0.0.1:8002"))).toEqual([]);
  });

  test("is late after a second", () => {
    expect(late(attempt(15_000), attempt(11_001))).toEqual([1_001, 5_000]);
    expect(lateAttempts([attempt(11_300), attempt(11_301)], [death], 300)).toHaveLength(1);
  });
});
