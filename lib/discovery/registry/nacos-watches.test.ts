import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { silentLog } from "../../../tests/support/silent-log.ts";
import type { NacosNaming } from "./nacos-naming.ts";
import { NacosWatches } from "./nacos-watches.ts";

let now: number;
let lists: number[];
/** The service of each list. */
let services: string[];
let away: boolean;
let watches: NacosWatches;
let hint: () => void;
/** Ends the pause under way, which lasts until the second moment. */
let pause: { readonly end: () => void; readonly until: number } | undefined;

/** Watches a service at a server that pushes, or does not. */
function watchAt(pushes: boolean): void {
  const api: NacosNaming = {
    register: async () => {},
    deregister: async () => {},
    beat: async () => {},
    list: async () => [],
    close: async () => {},
    subscribe: async (_service, onHint) => {
      hint = onHint;
      return pushes ? "hints" : "nothing";
    },
  };
  watches = new NacosWatches({
    naming: async () => api,
    list: async (service) => {
      lists.push(now);
      services.push(service);
      if (away) throw new Error("no answer");
      return [];
    },
    log: silentLog,
    random: () => 0,
    clock: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const end = () => {
          pause = undefined;
          resolve();
        };
        pause = { end, until: now + ms };
        signal.addEventListener("abort", end, { once: true });
      }),
  });
  watches.watch("OrderService", () => {});
}

async function pass(seconds: number): Promise<void> {
  const end = now + seconds * 1_000;
  while (now < end) {
    await turn();
    now = Math.min(end, pause?.until ?? end);
    if (pause !== undefined && pause.until <= now) pause.end();
    for (let step = 0; step < 3; step += 1) await turn();
  }
}

beforeEach(() => {
  now = 1_000_000;
  lists = [];
  services = [];
  away = false;
});
afterEach(() => watches.close());

describe("a watched service", () => {
  test("costs an idle minute at most 13 lists where the server pushes", async () => {
    watchAt(true);
    await pass(60);
    expect(lists.length).toBeGreaterThanOrEqual(12);
    expect(lists.length).toBeLessThanOrEqual(13);
  });

  test("is polled every second where it does not", async () => {
    watchAt(false);
    await pass(60);
    expect(lists.length).toBeGreaterThanOrEqual(60);
  });

  test("is polled every second while lists are asked for, from the first request on", async () => {
    watchAt(true);
    await pass(57);
    lists = [];
    await watches.list("OrderService");
    await pass(10);
    expect(lists.length).toBeGreaterThanOrEqual(10);
    lists = [];
    await pass(60);
    expect(lists.length).toBeLessThanOrEqual(5 + 12);
  });

  test("takes turns with others while all rest: together they cost less, and each is listed within nine seconds", async () => {
    watchAt(true);
    watches.watch("PaymentService", () => {});
    watches.watch("NotificationService", () => {});
    await pass(30);
    [lists, services] = [[], []];
    await pass(60);
    expect(lists.length).toBeGreaterThanOrEqual(19);
    expect(lists.length).toBeLessThanOrEqual(21);
    for (const service of ["OrderService", "PaymentService", "NotificationService"]) {
      const times = lists.filter((_, index) => services[index] === service);
      const pauses = times.map((time, index) => time - (times[index - 1] ?? 1_030_000));
      expect(Math.max(...pauses)).toBeLessThanOrEqual(9_000);
    }
    [lists, services] = [[], []];
    await watches.list("OrderService");
    await pass(10);
    expect(services.filter((service) => service === "PaymentService").length).toBeGreaterThanOrEqual(9);
  });

  test("is listed at once when the server hints at a change", async () => {
    watchAt(true);
    await pass(57);
    lists = [];
    hint();
    for (let step = 0; step < 5; step += 1) await turn();
    expect(lists).toEqual([now]);
  });

  test("is polled every second while the registry is away, and rests when it is back", async () => {
    watchAt(true);
    await pass(20);
    away = true;
    await pass(10);
    lists = [];
    await pass(10);
    expect(lists.length).toBeGreaterThanOrEqual(9);
    away = false;
    await pass(10);
    lists = [];
    await pass(60);
    expect(lists.length).toBeLessThanOrEqual(13);
  });
});
