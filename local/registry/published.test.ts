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

  test("is not changed by what is refused: neither what is replaced, nor what another has at the same address", () => {
    const version = (text: string) => ({ metadata: { version: text } });
    const versions = () => [...(table.find(id)?.instances.values() ?? [])].map(({ metadata }) => metadata);
    one.publish(id, [testInstance(1, version("one"))]);
    other.publish(id, [testInstance(2, version("other"))]);
    const before = table.find(id)?.changedAt;
    const wanted = [1, 2, 3, 4].map((port) => testInstance(port, version("refused")));
    expect(() => one.publish(id, wanted)).toThrow(RegistryFull);
    expect([versions(), table.find(id)?.changedAt]).toEqual([
      [{ version: "one" }, { version: "other" }],
      before,
    ]);
    one.withdrawAll();
    expect(versions()).toEqual([{ version: "other" }]);
  });

  test("may be replaced by as many when there is no room for more, and an address counts once", () => {
    one.publish(id, [testInstance(1), testInstance(2), testInstance(3)]);
    one.publish(id, [testInstance(4), testInstance(5), testInstance(5), testInstance(6)]);
    expect(ports()).toEqual([4, 5, 6]);
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
