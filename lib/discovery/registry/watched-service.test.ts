import { beforeEach, describe, expect, test } from "@jest/globals";
import type { Instance } from "./registry.ts";
import { WatchedService } from "./watched-service.ts";

const instance = (port: number): Instance => ({
  service: "OrderService",
  host: "127.0.0.1",
  port,
  weight: 1,
  healthy: true,
  enabled: true,
  metadata: {},
});
const list = (...ports: number[]) => ports.map(instance);

describe("a watched service", () => {
  let seen: number[][];
  let service: WatchedService;
  beforeEach(() => {
    seen = [];
    service = new WatchedService();
    service.add((instances) => seen.push(instances.map(({ port }) => port)));
  });

  test("passes on the first list, even an empty one, and then every change once", () => {
    service.accept(list(), 1);
    service.accept(list(7001), 2);
    service.accept(list(7001), 3);
    service.accept(list(7001, 7002), 4);
    service.accept(list(), 5);
    expect(seen).toEqual([[], [7001], [7001, 7002], []]);
  });

  test("a reply that a later request overtook changes nothing", () => {
    service.accept(list(7001), 10);
    service.accept(list(7001, 7002), 30);
    service.accept(list(7001), 20);
    expect(seen).toEqual([[7001], [7001, 7002]]);
  });

  test("a late listener gets the known list, a removed one nothing more", () => {
    service.accept(list(7001), 1);
    const late: number[] = [];
    const remove = service.add((instances) => late.push(instances.length));
    remove();
    service.accept(list(), 2);
    expect(late).toEqual([1]);
  });

  test("one function that listens twice gets everything until it ends both", () => {
    const received: number[] = [];
    const listener = (instances: readonly Instance[]) => received.push(instances.length);
    const [first, second] = [service.add(listener), service.add(listener)];
    first();
    service.accept(list(7001), 1);
    expect(received).toEqual([1]);
    second();
    service.accept(list(), 2);
    expect(received).toEqual([1]);
    expect(service.watched).toBe(true);
  });
});
