import { describe, expect, jest, test } from "@jest/globals";
import type { Registry } from "./registry.ts";
import { StaticRegistry } from "./static.ts";

const order = { service: "OrderService", host: "127.0.0.1", port: 8001, weight: 1, metadata: {} };

describe("a static registry", () => {
  test.each([
    ["https://abc.example/prod/", "abc.example", 443, "https://abc.example/prod"],
    ["http://127.0.0.1:8001", "127.0.0.1", 8001, "http://127.0.0.1:8001"],
    ["http://order", "order", 80, "http://order"],
  ])("knows one healthy instance at %s", async (url, host, port, base) => {
    const registry = new StaticRegistry({ OrderService: url });
    const instance = {
      service: "OrderService",
      host,
      port,
      url: base,
      weight: 1,
      healthy: true,
      enabled: true,
    };
    expect(await registry.list("OrderService")).toEqual([{ ...instance, metadata: {} }]);
    const seen: unknown[] = [];
    registry.watch("OrderService", (instances) => seen.push(...instances));
    expect(seen).toEqual([{ ...instance, metadata: {} }]);
  });

  test("knows nothing else, and announcing changes nothing", async () => {
    const registry = new StaticRegistry({});
    await registry.register(order);
    await registry.deregister(order);
    expect(await registry.list("OrderService")).toEqual([]);
    expect(registry.reachable()).toBe(true);
    await registry.close();
  });

  test("leaves services without a URL to the other registry", async () => {
    const others: jest.Mocked<Registry> = {
      register: jest.fn(async () => {}),
      deregister: jest.fn(async () => {}),
      list: jest.fn(async () => []),
      watch: jest.fn(() => () => {}),
      reachable: jest.fn(() => false),
      close: jest.fn(async () => {}),
    };
    const registry = new StaticRegistry({ OrderService: "http://order" }, others);
    await registry.list("PaymentService");
    await registry.list("OrderService");
    expect(others.list.mock.calls).toEqual([["PaymentService"]]);
    await registry.register(order);
    expect(others.register).toHaveBeenCalledWith(order);
    expect(registry.reachable()).toBe(false);
  });
});
