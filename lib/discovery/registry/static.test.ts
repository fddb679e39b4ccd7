import { describe, expect, jest, test } from "@jest/globals";
import type { Registry } from "./registry.ts";
import { ServiceAddressUnknown, StaticRegistry } from "./static.ts";

const order = { service: "OrderService", host: "127.0.0.1", port: 8001, weight: 1, metadata: {} };

describe("a static registry", () => {
  test.each([
    ["https://abc.example/prod/", "abc.example", 443, "https://abc.example/prod"],
    ["http://127.0.0.1:8001", "127.0.0.1", 8001, "http://127.0.0.1:8001"],
    ["http://order", "order", 80, "http://order"],
  ])("knows one healthy instance at %s", async (url, host, port, base) => {
    const registry = new StaticRegistry((service) => (service === "OrderService" ? url : undefined));
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
    const registry = new StaticRegistry(() => undefined);
    await registry.register(order);
    await registry.deregister(order);
    expect(registry.reachable()).toBe(true);
    await registry.close();
  });

  test("says for a service that is nowhere which setting would name it", async () => {
    const registry = new StaticRegistry(() => undefined);
    const listed = registry.list("GiftCardService");
    await expect(listed).rejects.toBeInstanceOf(ServiceAddressUnknown);
    await expect(listed).rejects.toThrow(/GIFT_CARD_SERVICE_URL.*NACOS_SERVER/);
    const onChange = jest.fn();
    registry.watch("GiftCardService", onChange)();
    expect(onChange).not.toHaveBeenCalled();
  });

  test("passes services without a URL to the other registry", async () => {
    const others: jest.Mocked<Registry> = {
      register: jest.fn(async () => {}),
      deregister: jest.fn(async () => {}),
      list: jest.fn(async () => []),
      watch: jest.fn(() => () => {}),
      reachable: jest.fn(() => false),
      close: jest.fn(async () => {}),
    };
    const registry = new StaticRegistry(
      (service) => (service === "OrderService" ? "http://order" : undefined),
      others,
    );
    await registry.list("PaymentService");
    await registry.list("OrderService");
    expect(others.list.mock.calls).toEqual([["PaymentService"]]);
    await registry.register(order);
    expect(others.register).toHaveBeenCalledWith(order);
    expect(registry.reachable()).toBe(false);
  });
});
