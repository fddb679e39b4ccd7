import { beforeEach, describe, expect, test } from "@jest/globals";
import { Published } from "./published.ts";
import { RegistryFull } from "./request-error.ts";
import { ServiceTable } from "./service-table.ts";
import { testInstance } from "./test-instance.ts";

const id = { namespace: "public", group: "DEFAULT_GROUP", name: "OrderService" };

describe("what a connection has registered", () => {
  let now: number;
  let table: ServiceTable;
  let one: Published;
  let other: Published;
  beforeEach(() => {
    now = 1_000_000;
    table = new ServiceTable({ clock: () => now, maxInstances: 3 });
    one = new Published(table, "one");
    other = new Published(table, "other");
  });
  const ports = () => [...(table.find(id)?.instances.values() ?? [])].map(({ port }) => port).sort();

  test("is replaced by what it registers next in the service", () => {
    one.publish(id, [testInstance(1), testInstance(2)]);
    other.publish(id, [testInstance(3)]);
    one.publish(id, [testInstance(2)]);
    expect(ports()).toEqual([2, 3]);
  });

  test("needs no heartbeats, and is gone when the connection ends", () => {
    one.publish(id, [testInstance(1)]);
    one.publish({ ...id, name: "PaymentService" }, [testInstance(2)]);
    now += 60_000;
    table.sweep();
    expect(table.services("public", "DEFAULT_GROUP").map(({ id: { name } }) => name)).toEqual([
      "OrderService",
      "PaymentService",
    ]);
    one.withdrawAll();
    expect(table.services("public", "DEFAULT_GROUP")).toEqual([]);
  });

  test("stays when another connection has registered its address since: a client that came back keeps its instance", () => {
    one.publish(id, [testInstance(1)]);
    other.publish(id, [testInstance(1)]);
    one.withdrawAll();
    expect(ports()).toEqual([1]);
    other.withdrawAll();
    expect(ports()).toEqual([]);
  });

  test("needs heartbeats again when its address was registered by HTTP since", () => {
    one.publish(id, [testInstance(1)]);
    table.register(id, testInstance(1));
    one.withdrawAll();
    expect(ports()).toEqual([1]);
    now += 60_000;
    table.sweep();
    expect(ports()).toEqual([]);
  });

  test("keeps an operator's settings, and its connection with them", () => {
    one.publish(id, [testInstance(1)]);
    table.override(id, testInstance(1), { weight: 5 });
    now += 60_000;
    table.sweep();
    expect([...(table.find(id)?.instances.values() ?? [])]).toMatchObject([
      { port: 1, weight: 5, healthy: true },
    ]);
    one.withdrawAll();
    expect(ports()).toEqual([]);
  });

  test("stays as it was when there is no room for what is to replace it", () => {
    one.publish(id, [testInstance(1)]);
    expect(() =>
      one.publish(id, [testInstance(2), testInstance(3), testInstance(4), testInstance(5)]),
    ).toThrow(RegistryFull);
    expect(ports()).toEqual([1]);
    one.withdrawAll();
    expect(ports()).toEqual([]);
  });
});
