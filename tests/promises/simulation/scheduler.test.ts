import { expect, test } from "@jest/globals";
import { type Process, Scheduler } from "./scheduler.ts";

const aProcess = (): Process => ({ name: "p", alive: true, skew: 0 });

test("events run in the order of their times, and of their making within one", async () => {
  const scheduler = new Scheduler(1_000);
  const ran: string[] = [];
  const delays = [5, 3, 9, 3, 0, 7, 3, 1, 8];
  for (const [at, delay] of delays.entries())
    scheduler.after(delay, undefined, () => ran.push(`${scheduler.now - 1_000}/${at}`));
  await scheduler.run();
  expect(ran).toEqual(["0/4", "1/7", "3/1", "3/3", "3/6", "5/0", "7/5", "8/8", "9/2"]);
});

test("the next event waits until no promise has anything left to do", async () => {
  const scheduler = new Scheduler(0);
  const ran: string[] = [];
  scheduler.after(0, undefined, async () => {
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    ran.push("first");
  });
  scheduler.after(0, undefined, () => ran.push("second"));
  await scheduler.run();
  expect(ran).toEqual(["first", "second"]);
});

test("what a dead process owes does not happen, nor what was called off, and no time passes for it", async () => {
  const scheduler = new Scheduler(0);
  const process = aProcess();
  const ran: string[] = [];
  scheduler.after(10, process, () => ran.push("dead"));
  scheduler.after(20, undefined, () => ran.push("cancelled")).cancelled = true;
  scheduler.after(1, undefined, () => {
    process.alive = false;
  });
  expect(await scheduler.run()).toBe(1);
  expect(ran).toEqual([]);
  expect(scheduler.now).toBe(1);
});

test("the clock is that of the process that runs", async () => {
  const scheduler = new Scheduler(1_000);
  const seen: number[] = [];
  scheduler.after(1, { ...aProcess(), skew: -300 }, () => seen.push(scheduler.clock()));
  scheduler.after(2, undefined, () => seen.push(scheduler.clock()));
  await scheduler.run();
  expect(seen).toEqual([701, 1_002]);
});
