import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Renewal } from "./renewal.ts";

const order = { service: "OrderService", host: "127.0.0.1", port: 8001, weight: 1, metadata: {} };

describe("renewal", () => {
  let now: number;
  let beats: { at: number; settle: (failure?: Error) => void }[];
  let renewal: Renewal;
  beforeEach(() => {
    now = 0;
    beats = [];
    renewal = new Renewal({
      clock: () => now,
      beat: () =>
        new Promise((resolve, reject) => {
          beats.push({ at: now, settle: (failure) => (failure ? reject(failure) : resolve()) });
        }),
    });
  });
  // What the real timer has begun meanwhile is answered, or its end would be waited for in vain.
  afterEach(async () => {
    const removed = renewal.remove(order);
    for (const { settle } of beats) settle();
    await removed;
  });
  const answer = async (failure?: Error) => {
    beats.at(-1)?.settle(failure);
    await turn();
  };
  const passTo = (time: number) => {
    for (; now < time; now += 50) renewal.tick();
  };

  test("beats at once and then every second, counted from the beat and not from its reply", async () => {
    renewal.add(order);
    now += 300;
    await answer();
    passTo(1_100);
    now = 1_100;
    await answer();
    passTo(2_200);
    expect(beats.map(({ at }) => at)).toEqual([0, 1_000, 2_000]);
    await answer();
  });

  test("tries again soon after a failure", async () => {
    renewal.add(order);
    await answer(new Error("down"));
    passTo(300);
    expect(beats.map(({ at }) => at)).toEqual([0, 200]);
    await answer();
  });

  test("never has two beats of an instance under way", async () => {
    renewal.add(order);
    passTo(10_000);
    expect(beats).toHaveLength(1);
    await answer();
  });

  test("is over only when the last beat is: none may bring the instance back", async () => {
    renewal.add(order);
    let over = false;
    const removal = renewal.remove(order).then(() => {
      over = true;
    });
    await turn();
    expect(over).toBe(false);
    await answer();
    await removal;
    passTo(5_000);
    expect(beats).toHaveLength(1);
    expect(renewal.all()).toEqual([]);
  });
});
