import { expect, test } from "@jest/globals";
import { Pace } from "./pace.ts";

const FULL = { running: 8, waiting: 0 };

function paced() {
  const clock = { time: 1_000 };
  return { clock, pace: new Pace({ atOnce: 8, now: () => clock.time }) };
}

test("A message waits for nothing while there is a place, or nothing is known of its webhook", () => {
  const { pace } = paced();
  expect(pace.waitIn("w", FULL)).toBe(0);
  pace.took("w", 5_000);
  expect(pace.waitIn("w", { running: 7, waiting: 0 })).toBe(0);
});

test("The wait in a line follows from its length and from how long attempts took", () => {
  const { pace } = paced();
  pace.took("slow", 5_000);
  pace.took("fast", 20);
  expect(pace.waitIn("slow", FULL)).toBe(5_000);
  expect(pace.waitIn("slow", { running: 8, waiting: 8 })).toBe(10_000);
  expect(pace.waitIn("fast", { running: 8, waiting: 100 })).toBe(260);
  for (let no = 0; no < 30; no += 1) pace.took("slow", 100);
  expect(pace.waitIn("slow", FULL)).toBeLessThan(110);
});

test("Messages that are put off have turns one after another, and none later than five minutes", () => {
  const { pace, clock } = paced();
  pace.took("w", 4_000);
  expect([1, 2, 3].map(() => pace.putOff("w", 2_000))).toEqual([2_500, 3_000, 3_500]);
  clock.time += 60_000;
  expect(pace.putOff("w", 2_000)).toBe(2_500);
  expect(pace.putOff("other", 2_000)).toBe(2_250);
  pace.took("fast", 80);
  expect([1, 2, 3].map(() => pace.putOff("fast", 2_000))).toEqual([2_010, 2_020, 2_030]);
  for (let no = 0; no < 2_000; no += 1) pace.putOff("w", 2_000);
  expect(pace.putOff("w", 2_000)).toBe(300_000);
});

test("Where nothing is known, turns follow from what is guessed, and end at the longest time that is allowed", () => {
  const pace = new Pace({ atOnce: 4, guessMs: 100, longestMs: 2_060, now: () => 0 });
  expect([1, 2, 3].map(() => pace.putOff("mail", 2_000))).toEqual([2_025, 2_050, 2_060]);
});
