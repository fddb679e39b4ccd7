import { setImmediate as turn } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { Instance } from "./registry.ts";
import { Resolver } from "./resolver.ts";

const instance = (port: number, rest: Partial<Instance> = {}): Instance => ({
  service: "S",
  host: "127.0.0.1",
  port,
  weight: 1,
  healthy: true,
  enabled: true,
  metadata: { instance: `i${port}` },
  ...rest,
});

describe("the resolver", () => {
  let now: number;
  let lists: number;
  let registered: readonly Instance[];
  let failure: Error | undefined;
  let alive: Set<number>;
  let push: (instances: readonly Instance[]) => void;
  let resolver: Resolver;

  const create = (frozen = false) =>
    new Resolver({
      registry: {
        list: async () => {
          lists += 1;
          await turn();
          if (failure !== undefined) throw failure;
          return registered;
        },
        watch: (_, onChange) => {
          push = onChange;
          return () => {
            push = () => {};
          };
        },
      },
      isAlive: async ({ port }) => alive.has(port),
      frozen,
      log: pino({ level: "silent" }),
      clock: () => now,
      random: () => 0.5,
    });
  beforeEach(() => {
    now = 0;
    lists = 0;
    registered = [instance(1), instance(2)];
    failure = undefined;
    alive = new Set();
    resolver = create();
  });
  const ports = () => resolver.current("S")?.map((endpoint) => endpoint.instance.port);
  const settle = async () => {
    for (let n = 0; n < 5; n += 1) await turn();
  };

  test("knows nothing until asked, and then asks once for all who wait", async () => {
    expect(ports()).toBeUndefined();
    await Promise.all(Array.from({ length: 100 }, () => resolver.refresh("S")));
    expect(lists).toBe(1);
    expect(ports()).toEqual([1, 2]);
  });

  test("answers from a stale list while it refreshes it", async () => {
    await resolver.refresh("S");
    registered = [instance(1), instance(2), instance(3)];
    now = 5_000;
    expect(ports()).toEqual([1, 2]);
    expect(ports()).toEqual([1, 2]);
    await settle();
    expect(ports()).toEqual([1, 2, 3]);
    expect(lists).toBe(2);
  });

  test("hears of changes by the watch, without asking", async () => {
    await resolver.refresh("S");
    push([instance(1), instance(2), instance(3)]);
    expect(ports()).toEqual([1, 2, 3]);
    expect(lists).toBe(1);
  });

  test("in a process that was frozen a stale list is not used before it is refreshed", async () => {
    resolver = create(true);
    await resolver.refresh("S");
    now = 1_999;
    expect(ports()).toEqual([1, 2]);
    now = 2_000;
    expect(ports()).toBeUndefined();
    registered = [instance(2), instance(3)];
    await resolver.refresh("S");
    expect(ports()).toEqual([2, 3]);
  });

  test("goes on with what it knows while the registry is down, and asks it once a second", async () => {
    await resolver.refresh("S");
    failure = new Error("down");
    for (now = 5_000; now < 10_000; now += 100) {
      expect(ports()).toEqual([1, 2]);
      await settle();
    }
    expect(lists).toBe(6);
    expect(resolver.peek("S")).toMatchObject({ outdated: true, confirmedAt: 0 });
  });

  test("an empty list replaces what still answers by nothing: it stays, until it no longer does", async () => {
    await resolver.refresh("S");
    alive = new Set([1, 2]);
    push([]);
    await settle();
    expect(ports()).toEqual([1, 2]);
    alive = new Set([2]);
    registered = [];
    await resolver.refresh("S");
    expect(ports()).toEqual([2]);
    alive = new Set();
    await resolver.refresh("S");
    expect(ports()).toEqual([]);
  });

  test("so does a list that lost more than half, but not one that lost fewer", async () => {
    registered = [1, 2, 3, 4, 5].map((port) => instance(port));
    await resolver.refresh("S");
    alive = new Set([1, 2, 3, 4, 5]);
    push([instance(1), instance(2), instance(3)]);
    await settle();
    expect(ports()).toEqual([1, 2, 3]);
    push([instance(1)]);
    await settle();
    expect(ports()).toEqual([1, 2, 3]);
    expect(resolver.current("S")?.map(({ kept }) => kept)).toEqual([false, true, true]);
  });

  test("what came back into the registry is not kept against its word any more", async () => {
    await resolver.refresh("S");
    alive = new Set([1, 2]);
    push([]);
    await settle();
    push([instance(1), instance(2)]);
    await settle();
    expect(resolver.current("S")?.map(({ kept }) => kept)).toEqual([false, false]);
  });

  test("a list that had to be checked does not overtake a newer one", async () => {
    await resolver.refresh("S");
    alive = new Set([1, 2]);
    push([]);
    push([instance(3), instance(4)]);
    await settle();
    expect(ports()).toEqual([3, 4]);
  });

  test("remembers what it learnt of an instance over lists, not over its restart on the same port", async () => {
    await resolver.refresh("S");
    const [before] = resolver.current("S") ?? [];
    push([instance(1, { weight: 5 }), instance(2)]);
    expect(resolver.current("S")?.[0]).toBe(before);
    expect(before?.instance.weight).toBe(5);
    push([instance(1, { metadata: { instance: "another" } }), instance(2)]);
    expect(resolver.current("S")?.[0]).not.toBe(before);
  });

  test("ends its watches when closed", async () => {
    await resolver.refresh("S");
    const ended = push;
    resolver.close();
    expect(push).not.toBe(ended);
  });
});
