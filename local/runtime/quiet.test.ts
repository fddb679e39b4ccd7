import { expect, test } from "@jest/globals";
import { untilQuiet } from "./quiet.ts";

test("listeners serve on until all is answered", async () => {
  let underWay = 2;
  const listeners = [
    { underWay: () => underWay, leftOut: () => true },
    { underWay: () => 0, leftOut: () => true },
  ];
  let quiet = false;
  const waiting = untilQuiet(listeners, 10_000).then(() => {
    quiet = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(quiet).toBe(false);
  underWay = 0;
  await waiting;
  expect(quiet).toBe(true);
});

test("a request that is never answered does not hold them for longer than the limit", async () => {
  const begun = performance.now();
  await untilQuiet([{ underWay: () => 1, leftOut: () => false }], 250);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(250);
});

test("listeners serve on until their balancer leaves them out", async () => {
  let leftOut = false;
  let quiet = false;
  const waiting = untilQuiet([{ underWay: () => 0, leftOut: () => leftOut }], 10_000).then(() => {
    quiet = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(quiet).toBe(false);
  leftOut = true;
  await waiting;
  expect(quiet).toBe(true);
});
