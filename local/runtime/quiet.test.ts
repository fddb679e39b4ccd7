import { expect, test } from "@jest/globals";
import { untilQuiet } from "./quiet.ts";

test("listeners serve on until all is answered, and their replies end connections", async () => {
  let underWay = 2;
  const letGo: string[] = [];
  const listeners = [
    { underWay: () => underWay, letGo: () => letGo.push("one") },
    { underWay: () => 0, letGo: () => letGo.push("other") },
  ];
  let quiet = false;
  const waiting = untilQuiet(listeners, 10_000).then(() => {
    quiet = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(quiet).toBe(false);
  underWay = 0;
  await waiting;
  expect(letGo).toEqual(["one", "other"]);
});

test("a request that is never answered does not hold them for longer than the limit", async () => {
  const begun = performance.now();
  await untilQuiet([{ underWay: () => 1, letGo: () => {} }], 250);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(250);
});
