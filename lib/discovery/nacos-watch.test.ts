import { beforeEach, describe, expect, test } from "@jest/globals";
import { WatchedService } from "./nacos-watch.ts";
import type { Instance } from "./registry.ts";

const instance = (port: number): Instance => ({
  service: "OrderService",
  host: "127.0.0.1",
  port,
  weight: 1,
  healthy: true,
  enabled: true,
  metadata: {},
});
const list = (lastRefTime: number, ...ports: number[]) => ({
  name: "DEFAULT_GROUP@@OrderService",
  instances: ports.map(instance),
  lastRefTime,
});

describe("a watched service", () => {
  let seen: number[][];
  let service: WatchedService;
  beforeEach(() => {
    seen = [];
    service = new WatchedService();
    service.add((instances) => seen.push(instances.map(({ port }) => port)));
  });

  test("tells the first list, even an empty one, and then every change once", () => {
    service.accept(list(1), 1, 2);
    service.accept(list(2, 7001), 3, 4);
    service.accept(list(3, 7001), 5, 6);
    service.accept(list(4, 7001, 7002), 7, 8);
    service.accept(list(5), 9, 10);
    expect(seen).toEqual([[], [7001], [7001, 7002], []]);
  });

  test("a reply that a push overtook changes nothing", () => {
    service.accept(list(100, 7001), 1_000, 1_010);
    service.accept(list(200, 7001, 7002), 1_015, 1_015);
    service.accept(list(150, 7001), 1_012, 1_020);
    expect(seen).toEqual([[7001], [7001, 7002]]);
  });

  test("what is asked for later counts, though the server's clock went back", () => {
    service.accept(list(100_000, 7001), 1_000, 1_010);
    service.accept(list(5, 7002), 2_000, 2_010);
    expect(seen).toEqual([[7001], [7002]]);
  });

  test("a late listener hears what is known, a removed one nothing more", () => {
    service.accept(list(1, 7001), 1, 2);
    const late: number[] = [];
    const listener = (instances: readonly Instance[]) => late.push(instances.length);
    service.add(listener);
    service.remove(listener);
    service.accept(list(2), 3, 4);
    expect(late).toEqual([1]);
  });
});
