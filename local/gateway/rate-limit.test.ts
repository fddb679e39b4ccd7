import { beforeEach, describe, expect, test } from "@jest/globals";
import { RateLimit } from "./rate-limit.ts";

describe("a limit of 4 per second", () => {
  let now: number;
  let limit: RateLimit;
  const take = (client: string, times: number) => Array.from({ length: times }, () => limit.take(client));

  beforeEach(() => {
    now = 0;
    limit = new RateLimit(4, () => now);
  });

  test("lets a second's worth through at once, and then says when to come again", () => {
    expect(take("ann", 5)).toEqual([0, 0, 0, 0, 1]);
  });

  test("lets one more through for each quarter of a second, and never more than a second's worth", () => {
    take("ann", 4);
    now += 500;
    expect(take("ann", 3)).toEqual([0, 0, 1]);
    now += 60_000;
    expect(take("ann", 5)).toEqual([0, 0, 0, 0, 1]);
  });

  test("counts each client for itself", () => {
    take("ann", 5);
    expect(limit.take("bob")).toBe(0);
  });

  test("does not count what it refused", () => {
    take("ann", 50);
    now += 250;
    expect(limit.take("ann")).toBe(0);
  });

  test("remembers a bounded number of clients, the most recent ones", () => {
    take("ann", 4);
    for (let n = 0; n < 9_999; n += 1) limit.take(`client ${n}`);
    expect(limit.take("ann")).toBe(1);
    for (let n = 0; n < 10_000; n += 1) limit.take(`other ${n}`);
    expect(limit.take("ann")).toBe(0);
  });
});

test("a limit below one per second says how many seconds to wait", () => {
  expect([new RateLimit(1, () => 0)].map((one) => [one.take("a"), one.take("a")])).toEqual([[0, 1]]);
});
