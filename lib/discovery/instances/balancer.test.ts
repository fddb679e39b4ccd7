import { beforeEach, describe, expect, test } from "@jest/globals";
import { seededRandom } from "../../../tools/own-system/random.ts";
import type { Instance } from "../registry/registry.ts";
import { choose } from "./balancer.ts";
import { Endpoint } from "./endpoint.ts";

let port = 7_000;
const endpoint = (rest: Partial<Instance> = {}): Endpoint => {
  port += 1;
  const instance = {
    service: "S",
    host: "127.0.0.1",
    port,
    weight: 1,
    healthy: true,
    enabled: true,
    metadata: {},
  };
  return new Endpoint({ ...instance, ...rest }, () => 1);
};

describe("the balancer", () => {
  let random: () => number;
  beforeEach(() => {
    random = seededRandom(42);
  });
  /** Shares of 10,000 sequential requests in percent. */
  const shares = (endpoints: readonly Endpoint[], now = 0) => {
    const counts = new Map<Endpoint | undefined, number>();
    for (let n = 0; n < 10_000; n += 1) {
      const chosen = choose(endpoints, { now, random });
      counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
    }
    return endpoints.map((each) => Math.round((counts.get(each) ?? 0) / 100));
  };

  test("spreads evenly over equal instances", () => {
    for (const share of shares([endpoint(), endpoint(), endpoint(), endpoint()])) {
      expect(share).toBeGreaterThan(22);
      expect(share).toBeLessThan(28);
    }
  });

  test("spreads evenly over two whose latencies differ by noise", () => {
    const [one, two] = [endpoint(), endpoint()];
    one.latency.succeeded(5, 0);
    two.latency.succeeded(8, 0);
    const [share = 0] = shares([one, two]);
    expect(share).toBeGreaterThan(45);
    expect(share).toBeLessThan(55);
  });

  test("avoids the one that is much slower, until its latency is outdated", () => {
    const [fast, slow] = [endpoint(), endpoint()];
    fast.latency.succeeded(5, 0);
    slow.latency.succeeded(50, 0);
    expect(shares([fast, slow])).toEqual([100, 0]);
    fast.latency.succeeded(5, 25_000);
    expect(shares([fast, slow], 25_000)[1]).toBeGreaterThan(40);
  });

  test("prefers the one with fewer requests under way, and a slow idle one to a fast one that is swamped", () => {
    const [busy, idle] = [endpoint(), endpoint()];
    busy.inFlight = 1;
    expect(shares([busy, idle])).toEqual([0, 100]);
    idle.latency.succeeded(30, 0);
    busy.latency.succeeded(2, 0);
    expect(shares([busy, idle])).toEqual([100, 0]);
    busy.inFlight = 9;
    expect(shares([busy, idle])).toEqual([0, 100]);
  });

  test("avoids one that lets requests wait in silence, however many the other has", () => {
    const [hung, busy] = [endpoint(), endpoint()];
    hung.began(0);
    for (let n = 0; n < 8; n += 1) busy.began(0);
    busy.ended(195);
    expect(shares([hung, busy], 200)).toEqual([0, 100]);
    hung.ended(201);
    expect(shares([hung, busy], 201)).toEqual([100, 0]);
  });

  test("chooses no instance in its cool-down, on any level, until that is over", () => {
    const [coolingDown, good] = [endpoint(), endpoint()];
    coolingDown.coolDownUntil = 1_000;
    expect(shares([coolingDown, good])).toEqual([0, 100]);
    coolingDown.ejection.failed(0, "gone");
    expect(choose([coolingDown], { now: 999, random })).toBeUndefined();
    expect(choose([coolingDown], { now: 1_000, random })).toBe(coolingDown);
  });

  test("one failure counts more than slowness", () => {
    const [good, failing] = [endpoint(), endpoint()];
    good.latency.succeeded(100, 0);
    failing.latency.failed(1, 0);
    expect(shares([good, failing])).toEqual([100, 0]);
  });

  test("follows weights, idle and under load", () => {
    const [heavy, light] = [endpoint({ weight: 9 }), endpoint({ weight: 1 })];
    const [share = 0] = shares([heavy, light]);
    expect(share).toBeGreaterThan(87);
    expect(share).toBeLessThan(93);
    heavy.inFlight = 50;
    expect(shares([heavy, light])[0]).toBeGreaterThan(75);
  });

  test("never chooses what is off or of weight 0", () => {
    const off = [endpoint({ enabled: false }), endpoint({ weight: 0 })];
    expect(choose(off, { now: 0, random })).toBeUndefined();
    expect(shares([...off, endpoint()])).toEqual([0, 0, 100]);
  });

  test("takes an unhealthy instance only when there is no other", () => {
    const unhealthy = endpoint({ healthy: false });
    expect(shares([unhealthy, endpoint()])).toEqual([0, 100]);
    expect(choose([unhealthy], { now: 0, random })).toBe(unhealthy);
  });

  test("takes no ejected instance, but rather an ejected one than none", () => {
    const [ejected, good] = [endpoint(), endpoint()];
    ejected.ejection.failed(0, "gone");
    expect(shares([ejected, good])).toEqual([0, 100]);
    expect(choose([ejected], { now: 0, random })).toBe(ejected);
    expect(choose([ejected, good], { now: 0, random, tried: [good] })).toBe(ejected);
    good.ejection.failed(0, "error");
    good.ejection.failed(0, "error");
    good.ejection.failed(0, "error");
    // Both are ejected; one that answered with an error is better than one that could not be reached.
    expect(shares([ejected, good])).toEqual([0, 100]);
  });

  test("gives an instance that is due for a trial the next request, if that can be repeated", () => {
    const [ejected, good] = [endpoint(), endpoint()];
    ejected.ejection.failed(0, "gone");
    expect(choose([good, ejected], { now: 1_000, random, allowTrial: false })).toBe(good);
    expect(choose([good, ejected], { now: 1_000, random })).toBe(ejected);
    ejected.ejection.beginTrial(1_000);
    expect(choose([good, ejected], { now: 1_000, random })).toBe(good);
  });

  test("never chooses what was tried", () => {
    const endpoints = [endpoint(), endpoint()];
    expect(choose(endpoints, { now: 0, random, tried: endpoints })).toBeUndefined();
    expect(choose(endpoints, { now: 0, random, tried: endpoints.slice(0, 1) })).toBe(endpoints[1]);
    expect(choose([], { now: 0, random })).toBeUndefined();
  });
});
