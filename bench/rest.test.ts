import { expect, test } from "@jest/globals";
import { aboveIdle, createRest, NO_LONGER_FALLS, nearIdle, WORK_IS_DONE } from "./rest.ts";
import type { Usage } from "./usage.ts";

const CALM = [10, 30];

test("systems are at rest once all have been calm, two steps in a row", () => {
  const atRest = createRest(nearIdle([8, 20], 0));
  expect(atRest([400, 30])).toBe(false);
  expect(atRest(CALM)).toBe(false);
  // Another one is at work again.
  expect(atRest([10, 300])).toBe(false);
  expect([atRest(CALM), atRest(CALM)]).toEqual([false, true]);
});

test("a system that uses more without requests is at rest when it uses that", () => {
  const atRest = createRest(nearIdle([150], 0));
  expect([atRest([300]), atRest([320])]).toEqual([false, true]);
  expect([atRest([400]), atRest([400])]).toEqual([false, false]);
});

test("where nobody knows what is usual, rest is when two seconds in a row take no less than the one before", () => {
  const atRest = createRest(NO_LONGER_FALLS);
  // Of the first second nobody knows; 20 ms less are within the kernel's clock.
  expect([500, 300, 285, 240, 230, 215].map((rate) => atRest([rate]))).toEqual([
    false,
    false,
    false,
    false,
    false,
    true,
  ]);
});

test("work after the replies is done at the first short step that takes little", () => {
  const atRest = createRest(WORK_IS_DONE);
  expect([400, 310, 290].map((rate) => atRest([rate]))).toEqual([false, false, true]);
});

test("what a system has put off is what it uses above its idle rate, of all processes", () => {
  const usage = (ms: number): Usage => ({ ticksMs: ms, threads: { 1: { kind: "main", ms } } });
  const before = { runtime: usage(100), helper: usage(50) };
  const after = { runtime: usage(400), helper: usage(150) };
  expect(aboveIdle(before, after, 2, 50)).toBe(300);
  expect(aboveIdle(before, before, 2, 50)).toBe(0);
});
