import { beforeEach, describe, expect, test } from "@jest/globals";
import { EndedInstances, takeOut } from "./ended-instance.ts";
import { ServiceTable } from "./service-table.ts";
import { testInstance } from "./test-instance.ts";

const id = { namespace: "public", group: "DEFAULT_GROUP", name: "OrderService" };

describe("an instance whose process has ended", () => {
  let table: ServiceTable;
  let ended: string[];
  beforeEach(() => {
    table = new ServiceTable({ clock: () => 1_000_000 });
    ended = [];
  });
  const end = () => takeOut("one", table, { end: (connection) => ended.push(connection) });
  const listed = (of = id) => [...(table.find(of)?.instances.values() ?? [])].map(({ port }) => port);
  const announcing = (instance: string, pid = "7") => ({ metadata: { instance, pid } });

  test("is taken out of all its services; another of the same pid, as in another container, stays", () => {
    const other = { ...id, namespace: "other", name: "PaymentService" };
    table.register(id, testInstance(1, announcing("one")));
    table.register(id, testInstance(2, announcing("another")));
    table.register(other, testInstance(3, announcing("one")));
    end();
    expect([listed(), listed(other), ended]).toEqual([[2], [], []]);
  });

  test("is taken out by the end of its connection, also where another's heartbeats keep the address", () => {
    table.register(id, testInstance(1, announcing("one")), "a connection");
    table.register(id, testInstance(1, announcing("another")));
    end();
    expect([listed(), ended]).toEqual([[1], ["a connection"]]);
  });

  test("is taken out where a connection's registration of the same address is listed, which stays", () => {
    table.register(id, testInstance(1, announcing("one")));
    table.register(id, testInstance(1, announcing("another")), "a connection");
    end();
    expect(table.find(id)?.instances.get("127.0.0.1#1")?.registrations).toMatchObject([
      { owner: "a connection" },
    ]);
    expect(ended).toEqual([]);
  });

  test("is known by what it announced, not by what an operator has added", () => {
    table.register(id, testInstance(1, announcing("one")));
    table.register(id, testInstance(2, announcing("another")));
    table.override(id, testInstance(1), { metadata: { instance: "renamed" } });
    table.override(id, testInstance(2), { metadata: { instance: "one" } });
    end();
    expect(listed()).toEqual([2]);
  });

  describe("is not registered again", () => {
    let all: EndedInstances;
    beforeEach(() => {
      all = new EndedInstances();
      table = new ServiceTable({ clock: () => 1_000_000, hasEnded: (announced) => all.has(announced) });
    });
    const refusal = expect.objectContaining({ status: 400 });

    test("by what was under way, for heartbeats or by a connection, unless its process has a lease again", () => {
      all.add("one");
      for (const owner of [undefined, "a connection"])
        expect(() => table.register(id, testInstance(1, announcing("one")), owner)).toThrow(refusal);
      table.register(id, testInstance(2, announcing("another")));
      table.register(id, testInstance(3));
      expect(listed()).toEqual([2, 3]);
      all.delete("one");
      table.register(id, testInstance(1, announcing("one")));
      expect(listed()).toEqual([2, 3, 1]);
    });

    test("together with others: none of a batch is, and what was there stays", () => {
      table.register(id, testInstance(2, announcing("another")));
      all.add("one");
      const batch = [testInstance(2, announcing("new")), testInstance(1, announcing("one"))];
      expect(() => table.replace(id, [], batch)).toThrow(refusal);
      expect(table.find(id)?.instances.get("127.0.0.1#2")?.metadata).toMatchObject({ instance: "another" });
    });

    test("as far as the last thousand are concerned", () => {
      for (let index = 0; index <= 1_000; index += 1) all.add(`${index}`);
      const known = (instance: string) => all.has(testInstance(1, announcing(instance)));
      expect(["0", "1", "1000"].map(known)).toEqual([false, true, true]);
    });
  });

  test("stays if it is persistent, until it is deregistered", () => {
    table.register(id, testInstance(1, { ...announcing("one"), ephemeral: false }));
    end();
    expect(listed()).toEqual([1]);
  });
});
