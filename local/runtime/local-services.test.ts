import { describe, expect, test } from "@jest/globals";
import { serverlessFunctions } from "../../build/functions.ts";
import { services } from "../../functions/services.ts";
import { servicePorts } from "../../lib/config/service-settings.ts";
import { chooseServices } from "./local-services.ts";

const functions = serverlessFunctions(services, "local");
const ports = servicePorts(services, { PAYMENT_SERVICE_PORT: "9002" });
const choose = (commandLine: Record<string, unknown>) =>
  chooseServices(services, functions, ports, commandLine);
const shown = (commandLine: Record<string, unknown>) =>
  choose(commandLine).map(({ key, port }) => `${key}:${port}`);

describe("without options", () => {
  test("all services run on their configured ports", () => {
    expect(shown({})).toEqual(["orders:8001", "payments:9002", "notifications:8003"]);
  });

  test("every function belongs to one of them", () => {
    const taken = choose({}).flatMap((service) => Object.keys(service.functions));
    expect(taken.toSorted()).toEqual(Object.keys(functions).toSorted());
  });

  test("each logs to its own file", () => {
    expect(choose({}).map(({ logFile }) => logFile)).toEqual([
      "order-service.log",
      "payment-service.log",
      "notification-service.log",
    ]);
  });
});

describe("--service", () => {
  test("takes one, or a list", () => {
    expect(shown({ service: "payments" })).toEqual(["payments:9002"]);
    expect(shown({ service: "notifications, orders" })).toEqual(["orders:8001", "notifications:8003"]);
  });

  test("names those there are when asked for another", () => {
    expect(() => choose({ service: "carts" })).toThrow(/"carts".*orders, payments, notifications/);
  });
});

describe("--httpPort", () => {
  test("wins over .env, and counts up", () => {
    expect(shown({ httpPort: "8011" })).toEqual(["orders:8011", "payments:8012", "notifications:8013"]);
    expect(shown({ httpPort: "8011", service: "orders" })).toEqual(["orders:8011"]);
  });

  test("gives a further instance a log file of its own", () => {
    expect(choose({ httpPort: "8011", service: "orders" })[0]?.logFile).toBe("order-service.8011.log");
  });

  test.each(["eight", "0", "65536", "80.5"])("refuses %s", (httpPort) => {
    expect(() => choose({ httpPort })).toThrow(/--httpPort must be a port/);
  });
});
