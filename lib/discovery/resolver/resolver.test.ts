import { setImmediate as turn } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { Instance } from "../registry/registry.ts";
import { Resolver, type ResolverOptions } from "./resolver.ts";

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

  const create = (frozen = false, rest: Partial<ResolverOptions> = {}) =>
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
      ...rest,
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

  test("queries the registry at the first call, and once for all who wait", async () => {
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

  test("gets changes by the watch, without a query", async () => {
    await resolver.refresh("S");
    push([instance(1), instance(2), instance(3)]);
    expect(ports()).toEqual([1, 2, 3]);
    expect(lists).toBe(1);
  });

  test("the watch keeps a list that the registry has confirmed and that is as it lists it", async () => {
    expect(resolver.isKept("S")).toBe(false);
    await resolver.refresh("S");
    now = 60_000;
    expect(resolver.isKept("S")).toBe(true);
    alive = new Set([1, 2]);
    push([]);
    await settle();
    expect(resolver.isKept("S")).toBe(false);
    push([instance(1), instance(2)]);
    await settle();
    expect(resolver.isKept("S")).toBe(true);
    failure = new Error("down");
    await resolver.refresh("S");
    expect(resolver.isKept("S")).toBe(false);
    expect(lists).toBe(2);
    resolver = create(true);
    failure = undefined;
    await resolver.refresh("S");
    expect(resolver.isKept("S")).toBe(false);
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

  test("goes on with the known list while the registry is down, and queries it once a second", async () => {
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

  test("who is too busy to answer the probe stays as well for a while, if it answered a request just before", async () => {
    resolver = create(false, { isAlive: async () => undefined });
    await resolver.refresh("S");
    for (const endpoint of resolver.current("S") ?? []) {
      if (endpoint.instance.port === 1) endpoint.answeredAt = now;
    }
    registered = [];
    await resolver.refresh("S");
    expect(ports()).toEqual([1]);
    now += 5_000;
    await resolver.refresh("S");
    expect(ports()).toEqual([]);
  });

  test("where the first list is empty, who was known to the process before and is too busy to answer the probe is tried", async () => {
    const snapshots = {
      read: () => ({ instances: [instance(1), instance(2)], ageMs: 0 }),
      save: () => {},
      close: async () => {},
    };
    registered = [];
    resolver = create(false, {
      snapshots,
      isAlive: async ({ port }) => (port === 1 ? undefined : false),
    });
    await resolver.refresh("S");
    expect(ports()).toEqual([1]);
    await resolver.refresh("S");
    expect(ports()).toEqual([]);
  });

  test("an instance that still answers stays as well when the list has only one that was found dead", async () => {
    await resolver.refresh("S");
    resolver.current("S")?.[0]?.ejection.failed(now, "gone");
    alive = new Set([2]);
    registered = [instance(1)];
    await resolver.refresh("S");
    expect(ports()).toEqual([1, 2]);
    alive = new Set();
    await resolver.refresh("S");
    expect(ports()).toEqual([1]);
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

  test("keeps the state of an instance over lists, not over its restart on the same port", async () => {
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

  describe("with lists from last time", () => {
    let stored: Map<string, readonly Instance[]>;
    let reads: number;
    const recalling = (successor?: (instance: Instance) => Promise<Instance | undefined>) =>
      create(false, {
        ...(successor && { successor }),
        snapshots: {
          read: (service) => {
            reads += 1;
            const instances = stored.get(service);
            return instances && { instances, ageMs: 60_000 };
          },
          save: (service, instances) => void stored.set(service, instances),
          close: async () => {},
        },
      });
    beforeEach(() => {
      stored = new Map([["S", [instance(1), instance(2)]]]);
      reads = 0;
      resolver = recalling();
    });
    const known = () => resolver.peek("S").endpoints.map((endpoint) => endpoint.instance.port);

    test("goes on with them while the registry does not answer, read once, and says how old they are", async () => {
      failure = new Error("down");
      await resolver.refresh("S");
      for (let n = 0; n < 10; n += 1) expect(known()).toEqual([1, 2]);
      expect(reads).toBe(1);
      expect(ports()).toEqual([1, 2]);
      expect(resolver.peek("S")).toMatchObject({ outdated: true, confirmedAt: -60_000 });
    });

    test("also while it keeps the first caller waiting", () => {
      void resolver.refresh("S");
      expect(known()).toEqual([1, 2]);
    });

    test("takes the registry's list as soon as there is one, and keeps the instances' state", async () => {
      failure = new Error("down");
      await resolver.refresh("S");
      const [first] = resolver.peek("S").endpoints;
      failure = undefined;
      registered = [instance(1), instance(3)];
      await resolver.refresh("S");
      expect(ports()).toEqual([1, 3]);
      expect(resolver.current("S")?.[0]).toBe(first);
      expect(resolver.peek("S")).toMatchObject({ outdated: false, confirmedAt: 0 });
      expect(stored.get("S")).toEqual([instance(1), instance(3)]);
    });

    test("a registry that was restarted and is empty does not outweigh those of them that answer", async () => {
      registered = [];
      alive = new Set([2]);
      await resolver.refresh("S");
      expect(ports()).toEqual([2]);
      expect(resolver.peek("S").endpoints[0]?.kept).toBe(true);
    });

    test("an empty list is not kept for next time, nor are fixed URLs", async () => {
      registered = [];
      await resolver.refresh("S");
      expect(ports()).toEqual([]);
      registered = [instance(1, { url: "http://127.0.0.1:1" })];
      await resolver.refresh("S");
      expect(stored.get("S")).toEqual([instance(1), instance(2)]);
    });

    test("without one, an unknown service stays unknown, and the disk is read once", async () => {
      failure = new Error("down");
      stored.clear();
      await resolver.refresh("S");
      expect([known(), known(), ports()]).toEqual([[], [], undefined]);
      expect(reads).toBe(1);
    });

    test("finds who took over the address of one that was restarted meanwhile", async () => {
      const next = (port: number) => instance(port, { metadata: { instance: `next${port}` } });
      resolver = recalling(async ({ port }) => (port === 1 ? next(1) : undefined));
      failure = new Error("down");
      await resolver.refresh("S");
      const [one, two] = resolver.peek("S").endpoints;
      if (one === undefined || two === undefined) throw new Error("two were stored");
      one.misdirected = true;
      two.misdirected = true;
      await resolver.refresh("S");
      const endpoints = resolver.peek("S").endpoints;
      expect(endpoints.map(({ instanceId }) => instanceId)).toEqual(["next1", "i2"]);
      expect(endpoints[1]).toBe(two);
      failure = undefined;
      registered = [next(1), next(2)];
      await resolver.refresh("S");
      expect(resolver.current("S")?.[0]).toBe(endpoints[0]);
      expect(resolver.current("S")?.map(({ kept }) => kept)).toEqual([false, false]);
    });
  });
});
