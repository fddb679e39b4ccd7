import { beforeEach, expect, test } from "@jest/globals";
import { Sampler } from "./sampler.ts";

let now: number;
let sampler: Sampler;
beforeEach(() => {
  now = 0;
  sampler = new Sampler({ all: 20, underLoad: 5, most: 30 }, () => now);
});

/** How many of `count` that come at once are let through. */
const of = (count: number, spare = 0) =>
  Array.from({ length: count }, () => sampler.take(spare)).filter(Boolean).length;
/** The same spread over the next seconds, `perSecond` in each. */
function over(seconds: number, perSecond: number): number {
  let taken = 0;
  for (let no = 0; no < seconds * perSecond; no += 1) {
    now += 1_000 / perSecond;
    if (sampler.take()) taken += 1;
  }
  return taken;
}

test("as long as no more comes in a second all is let through", () => {
  expect(over(60, 20)).toBe(1_200);
});

test("of more only a part is, and all again when it becomes less", () => {
  of(100);
  const taken = over(60, 100);
  expect(taken).toBeGreaterThan(290);
  expect(taken).toBeLessThan(350);
  over(3, 10);
  expect(over(10, 10)).toBe(100);
});

test("after a quiet time more is at once, of which some can be left for others", () => {
  expect(of(100, 10)).toBe(20);
  expect(of(100)).toBe(10);
  now = 60_000;
  expect(of(100)).toBe(30);
});
