import { describe, expect, test } from "@jest/globals";
import { type Attempt, lateAttempts, parseAttempts } from "./attempts.ts";

const death = { origin: "http://127.0.0.1:8001", from: 10_000, until: 20_000 };
const attempt = (at: number, caller = "a", origin = death.origin): Attempt => ({
  caller,
  origin,
  path: "/",
  at,
});
const late = (...attempts: Attempt[]) =>
  lateAttempts(attempts, [death]).map(({ deadFor, trial }) => ({ deadFor, trial }));

describe("an attempt at a dead address", () => {
  test("is not late within a second, nor elsewhere, nor after somebody else was started there", () => {
    expect(late(attempt(9_999), attempt(10_900), attempt(20_001))).toEqual([]);
    expect(late(attempt(15_000, "a", "http://127.0.0.1:8002"))).toEqual([]);
  });

  test("is late after a second", () => {
    expect(late(attempt(11_001))).toEqual([{ deadFor: 1_001, trial: false }]);
  });

  test("is a trial when the same caller had found it dead and left it alone since", () => {
    expect(late(attempt(10_600), attempt(11_200))).toEqual([{ deadFor: 1_200, trial: true }]);
    expect(late(attempt(10_600, "b"), attempt(11_200))).toEqual([{ deadFor: 1_200, trial: false }]);
  });

  test("is no trial when attempts follow each other closely", () => {
    expect(late(attempt(10_900), attempt(11_200))).toEqual([{ deadFor: 1_200, trial: false }]);
  });
});

test("what was written down is read again", () => {
  expect(parseAttempts("a", "12 http://127.0.0.1:1 /x\n13 http://127.0.0.1:2 /y\n")).toEqual([
    { caller: "a", origin: "http://127.0.0.1:1", path: "/x", at: 12 },
    { caller: "a", origin: "http://127.0.0.1:2", path: "/y", at: 13 },
  ]);
});
