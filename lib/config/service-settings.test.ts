import { describe, expect, test } from "@jest/globals";
import { ConfigError } from "./env.ts";
import { servicePorts, serviceSettings, serviceUrl } from "./service-settings.ts";

const services = [
  { contract: { service: "OrderService" }, port: 8001 },
  { contract: { service: "GiftCardService" }, port: 8004 },
];

test("settings are named after the service", () => {
  expect(serviceSettings(services)).toEqual([
    "ORDER_SERVICE_PORT",
    "GIFT_CARD_SERVICE_PORT",
    "ORDER_SERVICE_URL",
    "GIFT_CARD_SERVICE_URL",
  ]);
});

describe("a service's port", () => {
  test("is its default unless it is set", () => {
    const ports = servicePorts(services, { ORDER_SERVICE_PORT: "", GIFT_CARD_SERVICE_PORT: "9004" });
    expect(Object.fromEntries(ports)).toEqual({ OrderService: 8001, GiftCardService: 9004 });
  });

  test.each(["0", "65536", "8001a", "-1"])("is not %s", (port) => {
    expect(() => servicePorts(services, { GIFT_CARD_SERVICE_PORT: port })).toThrow(
      `GIFT_CARD_SERVICE_PORT must be a whole number from 1 to 65535 (is "${port}")`,
    );
  });

  test("is required together with the URLs: all that is wrong is named at once", () => {
    const wrong = { ORDER_SERVICE_PORT: "eight", GIFT_CARD_SERVICE_URL: "somewhere" };
    expect(() => servicePorts(services, wrong)).toThrow(
      expect.objectContaining({ code: "config_invalid", problems: [expect.any(String), expect.any(String)] }),
    );
  });
});

describe("a service's fixed URL", () => {
  test("is what is set for it; an empty value is none", () => {
    const env = { ORDER_SERVICE_URL: "https://orders.example/prod", GIFT_CARD_SERVICE_URL: "" };
    expect(serviceUrl("OrderService", env)).toBe("https://orders.example/prod");
    expect(serviceUrl("GiftCardService", env)).toBeUndefined();
  });

  test("is refused by name when it is none", () => {
    expect(() => serviceUrl("OrderService", { ORDER_SERVICE_URL: "somewhere" })).toThrow(ConfigError);
    expect(() => serviceUrl("OrderService", { ORDER_SERVICE_URL: "somewhere" })).toThrow(/ORDER_SERVICE_URL/);
  });
});
