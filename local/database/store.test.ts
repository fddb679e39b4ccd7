import { describe, expect, test } from "@jest/globals";
import { operations } from "./dynalite.ts";
import { type Level, openMemory } from "./level.ts";
import { createStore } from "./store.ts";
import { order, orders } from "./test-client.ts";

/** `level`, counting the rows that are read through iterators, and the iterators left open. */
function counted(level: Level) {
  const count = { rows: 0, open: 0 };
  const counting: Level = {
    getSync: level.getSync.bind(level),
    iterator: (range) => level.iterator(range),
    batch: (writes) => level.batch(writes),
    clear: (range) => level.clear(range),
    close: () => level.close(),
    snapshot: () => level.snapshot(),
    values(range) {
      const rows = level.values(range);
      count.open += 1;
      return {
        all: () => rows.all(),
        close() {
          count.open -= 1;
          return rows.close();
        },
        async nextv(size: number) {
          const read = await rows.nextv(size);
          count.rows += read.length;
          return read;
        },
      };
    },
  };
  return { counting, count };
}

describe("A query with a limit", () => {
  test("reads one row more than its page, however many there are, and leaves nothing open", async () => {
    const { counting, count } = counted(await openMemory());
    const store = await createStore(counting);
    const run = (name: string, body: object) =>
      new Promise<unknown>((resolve, reject) => {
        const operation = operations.get(name);
        const data = operation?.check(structuredClone(body), store, 0) ?? {};
        operation?.act(operation.paged ? store.forPage(data) : store, data, (error, value) =>
          error ? reject(error) : resolve(value),
        );
      });
    await run("CreateTable", orders);
    for (let n = 0; n < 500; n++) await run("PutItem", { TableName: "orders", Item: order(String(n)) });

    for (const forward of [true, false]) {
      count.rows = 0;
      const page = await run("Query", {
        TableName: "orders",
        IndexName: "by_time",
        KeyConditionExpression: "#u = :u",
        ExpressionAttributeNames: { "#u": "user" },
        ExpressionAttributeValues: { ":u": { S: "ann" } },
        Limit: 10,
        ScanIndexForward: forward,
      });
      expect(page).toMatchObject({ Count: 10 });
      await new Promise(setImmediate);
      expect(count).toEqual({ rows: 11, open: 0 });
    }
  });
});
