import { beforeEach, describe, expect, test } from "@jest/globals";
import { RegistryFull } from "./request-error.ts";
import { type Service, ServiceTable } from "./service-table.ts";
import { testInstance } from "./test-instance.ts";

const id = { namespace: "public", group: "DEFAULT_GROUP", name: "OrderService" };
const quick = { "preserved.heart.beat.timeout": "3000", "preserved.ip.delete.timeout": "6000" };

describe("the service table", () => {
  let now: number;
  let changes: Service[];
  let table: ServiceTable;
  beforeEach(() => {
    now = 1_000_000;
    changes = [];
    table = new ServiceTable({
      clock: () => now,
      onChange: (service) => changes.push(service),
      maxInstances: 3,
    });
  });
  const health = () =>
    Object.fromEntries(
      [...(table.find(id)?.instances.values() ?? [])].map((each) => [each.port, each.healthy]),
    );
  const pass = (ms: number) => {
    now += ms;
    table.sweep();
  };

  test("a silent instance is unhealthy after 15 s and gone after 30 s", () => {
    table.register(id, testInstance(1));
    pass(15_000);
    expect(health()).toEqual({ 1: true });
    pass(1);
    expect(health()).toEqual({ 1: false });
    pass(14_999);
    expect(health()).toEqual({ 1: false });
    pass(1);
    expect(health()).toEqual({});
  });

  test("an instance may ask for other limits in its metadata", () => {
    table.register(id, testInstance(1, { metadata: quick }));
    pass(3_001);
    expect(health()).toEqual({ 1: false });
    pass(3_000);
    expect(health()).toEqual({});
  });

  test.each(["", "soon", "-1", "0", "Infinity"])("a limit of %p counts as not given", (limit) => {
    table.register(id, testInstance(1, { metadata: { "preserved.heart.beat.timeout": limit } }));
    pass(14_999);
    expect(health()).toEqual({ 1: true });
    pass(2);
    expect(health()).toEqual({ 1: false });
  });

  test("a beat keeps an instance, and heals one that was silent", () => {
    table.register(id, testInstance(1, { metadata: quick }));
    for (let beats = 0; beats < 20; beats += 1) {
      pass(2_900);
      table.beat(id, testInstance(1));
    }
    expect(health()).toEqual({ 1: true });
    pass(4_000);
    expect(health()).toEqual({ 1: false });
    table.beat(id, testInstance(1));
    expect(health()).toEqual({ 1: true });
  });

  test("a persistent instance needs no beats", () => {
    table.register(id, testInstance(1, { ephemeral: false }));
    pass(3_600_000);
    expect(health()).toEqual({ 1: true });
  });

  test("a pause of the registry itself is not held against anyone", () => {
    table.register(id, testInstance(1, { metadata: quick }));
    now += 60_000;
    table.forgive(59_000);
    table.sweep();
    expect(health()).toEqual({ 1: true });
    pass(2_001);
    expect(health()).toEqual({ 1: false });
  });

  test("reports every visible change and nothing else", () => {
    table.register(id, testInstance(1));
    table.register(id, testInstance(1));
    table.beat(id, testInstance(1));
    table.deregister(id, testInstance(2));
    expect(changes).toHaveLength(1);
    table.register(id, testInstance(1, { weight: 2 }));
    table.override(id, testInstance(1), { enabled: false });
    table.override(id, testInstance(1), { enabled: false });
    expect(changes).toHaveLength(3);
    table.deregister(id, testInstance(1));
    expect(changes).toHaveLength(4);
  });

  test("a change never repeats the time of the one before, even within a millisecond", () => {
    const times = [1, 2, 3].map((port) => {
      table.register(id, testInstance(port));
      return table.find(id)?.changedAt;
    });
    expect(new Set(times).size).toBe(3);
  });

  const first = () => table.find(id)?.instances.values().next().value;

  test("what an operator set survives a repeated registration, and a minute without the instance", () => {
    table.register(id, testInstance(1, { metadata: { version: "1", zone: "a" } }));
    table.override(id, testInstance(1), { weight: 0, metadata: { zone: "b" } });
    expect(first()).toMatchObject({ weight: 0, metadata: { version: "1", zone: "b" } });
    table.register(id, testInstance(1, { weight: 5, metadata: { version: "2" } }));
    expect(first()).toMatchObject({ weight: 0, metadata: { version: "2", zone: "b" } });
    table.deregister(id, testInstance(1));
    pass(60_000);
    table.register(id, testInstance(1, { weight: 5 }));
    expect(first()).toMatchObject({ weight: 0 });
    table.deregister(id, testInstance(1));
    pass(60_001);
    table.register(id, testInstance(1, { weight: 5 }));
    expect(first()).toMatchObject({ weight: 5 });
  });

  test("an operator's settings take nothing of an instance's health, and another's replace them", () => {
    table.register(id, testInstance(1, { weight: 3 }));
    pass(15_001);
    table.override(id, testInstance(1), { enabled: false });
    expect(first()).toMatchObject({ enabled: false, weight: 3, healthy: false });
    table.override(id, testInstance(1), { weight: 2 });
    expect(first()).toMatchObject({ enabled: true, weight: 2, healthy: false });
  });

  test("settings for an instance that is not there wait for it, those for an unknown service are refused", () => {
    expect(table.override(id, testInstance(1), { weight: 2 })).toBe(false);
    table.register(id, testInstance(1));
    expect(table.override(id, testInstance(2), { weight: 2 })).toBe(true);
    table.register(id, testInstance(2));
    expect(table.find(id)?.instances.get("127.0.0.1#2")).toMatchObject({ weight: 2 });
  });

  test("an instance that registers in another cluster has moved there", () => {
    table.register(id, testInstance(1));
    table.register(id, testInstance(1, { cluster: "east" }));
    expect([...(table.find(id)?.instances.values() ?? [])]).toMatchObject([{ port: 1, cluster: "east" }]);
    expect(changes).toHaveLength(2);
  });

  test("is bounded, and has room again when an instance is deregistered or removed", () => {
    for (const port of [1, 2, 3]) table.register(id, testInstance(port));
    expect(() => table.register(id, testInstance(4))).toThrow(
      expect.objectContaining({ code: "registry_full" }),
    );
    expect(() => table.register(id, testInstance(3, { weight: 2 }))).not.toThrow();
    table.deregister(id, testInstance(1));
    table.register(id, testInstance(4));
    pass(30_001);
    for (const port of [5, 6, 7]) table.register(id, testInstance(port));
    expect(health()).toEqual({ 5: true, 6: true, 7: true });
  });

  test("that is full has no room for a service either, and makes none", () => {
    for (const port of [1, 2, 3]) table.register(id, testInstance(port));
    const other = { ...id, name: "PaymentService" };
    expect(() => table.register(other, testInstance(1))).toThrow(RegistryFull);
    expect(() => table.replace(other, [], [testInstance(1)], "a connection")).toThrow(RegistryFull);
    expect(table.find(other)).toBeUndefined();
    expect(table.deregister(other, testInstance(1))).toBe(false);
    expect(table.find(other)).toBeUndefined();
  });

  test("has no more services than instances: the empty ones are forgotten sooner when there are many", () => {
    const named = (name: string) => ({ ...id, name });
    for (let n = 0; n < 20; n += 1) {
      table.register(named(`service ${n}`), testInstance(1));
      table.deregister(named(`service ${n}`), testInstance(1));
      now += 1;
    }
    const kept = Array.from({ length: 20 }, (_, n) => table.find(named(`service ${n}`)));
    expect(kept.filter((service) => service !== undefined).length).toBeLessThanOrEqual(3);
  });

  describe("with one address in use by two clients", () => {
    const announced = (version: string, more: object = {}) =>
      testInstance(1, { metadata: { version }, ...more });
    const shown = () =>
      [...(table.find(id)?.instances.values() ?? [])].map(({ metadata }) => metadata["version"]);

    test.each([
      ["the connection registers last", ["http", "grpc"]],
      ["the connection registers first", ["grpc", "http"]],
    ])("keeps what needs heartbeats when the connection ends: %s", (_, order) => {
      for (const by of order) table.register(id, announced(by), by === "grpc" ? "a connection" : undefined);
      expect(shown()).toEqual([order[1]]);
      table.replace(id, [testInstance(1)], [], "a connection");
      expect(shown()).toEqual(["http"]);
      pass(15_001);
      expect(health()).toEqual({ 1: false });
    });

    test("keeps what the connection has registered when heartbeats end, or the other client deregisters", () => {
      table.register(id, announced("grpc"), "a connection");
      table.register(id, announced("http"));
      pass(15_001);
      expect([shown(), health()]).toEqual([["grpc"], { 1: true }]);
      expect(table.beat(id, testInstance(1))).toBeDefined();
      expect(shown()).toEqual(["http"]);
      expect(table.deregister(id, testInstance(1))).toBe(true);
      expect(shown()).toEqual(["grpc"]);
      expect(table.deregister(id, testInstance(1))).toBe(false);
      expect(table.beat(id, testInstance(1))).toBeUndefined();
      expect(shown()).toEqual(["grpc"]);
    });

    test("counts both", () => {
      for (const owner of [undefined, "one", "other"]) table.register(id, announced(owner ?? "http"), owner);
      expect(() => table.register(id, testInstance(2))).toThrow(RegistryFull);
      table.replace(id, [testInstance(1)], [], "one");
      pass(30_001);
      for (const port of [2, 3]) table.register(id, testInstance(port));
      expect(() => table.register(id, testInstance(4))).toThrow(RegistryFull);
      expect(health()).toEqual({ 1: true, 2: true, 3: true });
    });

    test("shows an operator's settings with either", () => {
      table.register(id, announced("http"));
      table.register(id, announced("grpc"), "a connection");
      table.override(id, testInstance(1), { weight: 7 });
      table.replace(id, [testInstance(1)], [], "a connection");
      expect(first()).toMatchObject({ weight: 7, metadata: { version: "http" } });
    });
  });

  test("forgets a service that stayed empty", () => {
    table.register(id, testInstance(1));
    table.deregister(id, testInstance(1));
    pass(60_000);
    expect(table.find(id)).toBeDefined();
    pass(10);
    expect(table.find(id)).toBeUndefined();
  });
});
