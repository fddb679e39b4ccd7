import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { namesInLib, namesOfService } from "../source-rules/names.ts";
import { type Existing, newService, plural, singular } from "./names.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const existing: Existing = {
  services: [
    { key: "orders", port: 8001, contract: { service: "OrderService" } },
    { key: "carts", port: 8007, contract: { service: "CartService" } },
  ],
  entries: ["orders", "carts", "services.ts", "drafts"],
  inSharedCode: (key, service) => namesInLib(ROOT, namesOfService(key, service)),
};
const made = (key: string, options: { aggregate?: string; port?: string } = {}) =>
  newService({ key, ...options }, existing);

describe("a new service", () => {
  test.each([
    ["invoices", "InvoiceService", ["invoice"]],
    ["deliveries", "DeliveryService", ["delivery"]],
    ["shipping", "ShippingService", ["shipping", "record"]],
    ["campus", "CampusService", ["campus", "record"]],
  ])("called %s is %s, and keeps %j", (key, service, aggregate) => {
    expect(made(key)).toMatchObject({ key, service, aggregate });
  });

  test("keeps the aggregate that is asked for, on the port that is given", () => {
    expect(made("shipping", { aggregate: "gift-parcel", port: "9001" })).toMatchObject({
      aggregate: ["gift", "parcel"],
      port: 9001,
    });
  });

  test("gets the next port otherwise", () => {
    expect(made("shipping").port).toBe(8008);
  });
});

describe("a name is refused", () => {
  test.each([
    ["that is none", "Shipping", /"Shipping" is no name for a service/],
    ["with a dash", "gift-cards", /no name for a service/],
    ["that leads elsewhere", "../lib", /no name for a service/],
    ["that is too short", "ab", /no name for a service/],
    ["that is too long", "a".repeat(16), /no name for a service/],
    ["that the gateway has", "gateway", /a meaning of its own/],
    ["that TypeScript has", "class", /a meaning of its own/],
    ["of a service", "orders", /functions\/orders exists already/],
    ["of a folder", "drafts", /functions\/drafts exists already/],
    ["whose service there is", "order", /OrderService exists already: functions\/orders/],
    ["that lib/ uses: events", "events", /^"events" is a word in the code of lib\/.*\(lib\/\S+:\d+: events/],
    ["that lib/ uses: auth", "auth", /is a word in the code of lib\//],
    ["that lib/ uses: http", "http", /is a word in the code of lib\//],
    ["that lib/ uses: money", "money", /is a word in the code of lib\//],
  ])("%s", (_, key, message) => {
    expect(() => made(key)).toThrow(message);
    expect(() => made(key)).toThrow(expect.objectContaining({ code: "name_refused" }));
  });

  test.each(["Shipment", "a_b", "one-two-three-four", "return", "x".repeat(21), ""])(
    "for what it keeps: %j",
    (aggregate) => {
      expect(() => made("shipping", { aggregate })).toThrow(/no name for what it keeps/);
    },
  );

  test("for what it keeps when the service has it", () => {
    expect(() => made("shipping", { aggregate: "shipping" })).toThrow(/a name of its own/);
  });
});

describe("a port is refused", () => {
  test.each(["0", "65536", "80a", "-1", ""])("that is none: %j", (port) => {
    expect(() => made("shipping", { port })).toThrow(/no port/);
  });

  test.each([
    ["8001", /8001 is that of OrderService/],
    ["8000", /the gateway/],
    ["8848", /the registry/],
    ["4567", /the database/],
    ["8025", /the mail catcher/],
  ])("that another has: %s", (port, message) => {
    expect(() => made("shipping", { port })).toThrow(message);
  });
});

test.each([
  ["order", "orders"],
  ["delivery", "deliveries"],
  ["box", "boxes"],
  ["key", "keys"],
])("one %s, many %s", (one, many) => {
  expect(plural(one)).toBe(many);
  if (!many.endsWith("xes")) expect(singular(many)).toBe(one);
});
