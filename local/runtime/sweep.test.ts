import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { startSweep } from "./sweep.ts";

const SHOP = { relays: ["orders-relay"], tables: ["shop-orders"] };
const CASH = { relays: ["payments-relay", "sandbox-relay"], tables: ["shop-payments", "shop-sandbox"] };

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** Relays that note each invocation, and run until they are ended. */
function relays() {
  const calls: string[] = [];
  const running = new Map<string, () => void>();
  const invoke = (key: string, payload: object): Promise<void> => {
    calls.push(`${key} ${JSON.stringify(payload)}`);
    return new Promise((resolve) => running.set(key, resolve));
  };
  return {
    invoke,
    calls: () => calls.splice(0),
    async end(): Promise<void> {
      for (const resolve of running.values()) resolve();
      running.clear();
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

describe("the sweep", () => {
  test("invokes every relay at once, and every two seconds where nothing is announced", async () => {
    const { invoke, calls, end } = relays();
    const sweep = startSweep([SHOP, CASH], { invoke, announced: () => false });
    const all = ["orders-relay", "payments-relay", "sandbox-relay"].map((key) => `${key} {"sweep":true}`);
    expect(calls()).toEqual(all);
    await end();
    jest.advanceTimersByTime(1_999);
    expect(calls()).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(calls()).toEqual(all);
    sweep.stop();
  });

  test("passes over a relay that still runs", async () => {
    const { invoke, calls } = relays();
    const sweep = startSweep([SHOP], { invoke, announced: () => false });
    expect(calls()).toHaveLength(1);
    jest.advanceTimersByTime(10_000);
    sweep.due(["shop-orders"]);
    expect(calls()).toEqual([]);
    sweep.stop();
  });

  test("beside announcements, relays are invoked once a minute", async () => {
    const { invoke, calls, end } = relays();
    const sweep = startSweep([SHOP, CASH], { invoke, announced: () => true });
    await end();
    calls();
    for (let second = 0; second < 600; second += 1) {
      jest.advanceTimersByTime(1_000);
      await end();
    }
    expect(calls()).toHaveLength(3 * 10);
    sweep.stop();
  });

  test("an announcement invokes at once the relays of the service that has the table", async () => {
    const { invoke, calls, end } = relays();
    const sweep = startSweep([SHOP, CASH], { invoke, announced: () => true });
    await end();
    calls();
    sweep.due(["shop-sandbox", "another-orders"]);
    expect(calls()).toEqual(['payments-relay {"sweep":true}', 'sandbox-relay {"sweep":true}']);
    await end();
    sweep.stop();
    sweep.due(["shop-sandbox"]);
    expect(calls()).toEqual([]);
  });

  test("when announcements end, because the helper process has ended, it is swept every two seconds again", async () => {
    const { invoke, calls, end } = relays();
    let announced = true;
    const sweep = startSweep([SHOP], { invoke, announced: () => announced });
    await end();
    calls();
    jest.advanceTimersByTime(10_000);
    expect(calls()).toEqual([]);
    announced = false;
    jest.advanceTimersByTime(2_000);
    expect(calls()).toHaveLength(1);
    sweep.stop();
  });
});
