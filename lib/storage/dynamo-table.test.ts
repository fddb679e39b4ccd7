import { describe, expect, test } from "@jest/globals";
import type { DynamoClient } from "./dynamo-client.ts";
import { dynamoTable } from "./dynamo-table.ts";
import { PAGE_BYTES } from "./merged-page.ts";
import type { IndexName } from "./table.ts";

const BY_OWNER: IndexName = { name: "by_owner", hash: "owner", range: "created" };

interface Stored {
  readonly owner: string;
  readonly created: string;
  readonly bytes?: number;
}

/** A database whose index of keys shows `index`, while the table holds `items`. */
function database(
  index: readonly (readonly [id: string, created: string])[],
  items: Readonly<Record<string, Stored>>,
) {
  const asked = { queries: 0, gets: 0, atOnce: 0, most: 0 };
  const client: DynamoClient = {
    async send(operation, input) {
      const ok = (body: Record<string, unknown>) => ({ body, conditionFailed: false, ambiguous: false });
      if (operation === "Query") {
        asked.queries += 1;
        const limit = Number(Reflect.get(input, "Limit"));
        const rows = index.map(([id, created]) => ({
          id: { S: id },
          owner: { S: "ann" },
          created: { S: created },
        }));
        return ok({ Items: rows.slice(0, limit) });
      }
      asked.gets += 1;
      asked.atOnce += 1;
      asked.most = Math.max(asked.most, asked.atOnce);
      await new Promise((done) => setImmediate(done));
      asked.atOnce -= 1;
      const { id }: { id: { S: string } } = Reflect.get(input, "Key");
      const found = items[id.S];
      if (found === undefined) return ok({});
      const { owner, created, bytes = 2 } = found;
      const [version, schema_version] = [{ N: "1" }, { N: "1" }];
      const doc = { S: "x".repeat(bytes) };
      return ok({ Item: { id, version, schema_version, doc, owner: { S: owner }, created: { S: created } } });
    },
    close: async () => {},
  };
  return { table: dynamoTable(client, "t"), asked };
}

const entries = (count: number) =>
  Array.from({ length: count }, (_, no) => [`i${no}`, String(no).padStart(4, "0")] as const);

const itemsOf = (index: ReturnType<typeof entries>, bytes?: number) =>
  Object.fromEntries(
    index.map(([id, created]) => [id, { owner: "ann", created, ...(bytes === undefined ? {} : { bytes }) }]),
  );

describe("a page of an index that does not hold the items", () => {
  test("has the items of the table in the order of the index, 25 read at once", async () => {
    const index = entries(60);
    const { table, asked } = database(index, itemsOf(index));
    const page = await table.query({ index: BY_OWNER, hash: "ann", limit: 50 });
    expect(page.items.map(({ id }) => id)).toEqual(index.slice(0, 50).map(([id]) => id));
    expect(page.next).toBe("0049");
    expect(asked).toMatchObject({ queries: 1, gets: 50, most: 25 });
  });

  test("leaves out what has left its place since: gone, somebody else's, or elsewhere in the order", async () => {
    const index = entries(4);
    const { table } = database(index, {
      i0: { owner: "ann", created: "0000" },
      i1: { owner: "bob", created: "0001" },
      i2: { owner: "ann", created: "0009" },
    });
    const page = await table.query({ index: BY_OWNER, hash: "ann", limit: 10 });
    expect(page).toMatchObject({ items: [{ id: "i0" }], next: undefined });
  });

  test("ends at 1 MB, and says where the next one begins", async () => {
    const index = entries(100);
    const { table, asked } = database(index, itemsOf(index, PAGE_BYTES / 20));
    const page = await table.query({ index: BY_OWNER, hash: "ann", limit: 100 });
    expect(page.items).toHaveLength(25);
    expect(page.next).toBe("0024");
    expect(asked.gets).toBe(25);
  });

  test("is read no further for somebody who waits no longer", async () => {
    const index = entries(100);
    const { table, asked } = database(index, itemsOf(index));
    const gone = new AbortController();
    const reading = table.query({ index: BY_OWNER, hash: "ann", limit: 100, signal: gone.signal });
    gone.abort(new Error("gone"));
    await expect(reading).rejects.toThrow("gone");
    expect(asked.gets).toBe(0);
  });
});
