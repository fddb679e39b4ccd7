// Tables of which many items are read: all that are asked for in one turn of the event loop are one request, or a few. A request of its own
// for each costs the database and this process several times as much.

import { onceATurn } from "../../../lib/core/once-a-turn.ts";
import type { DynamoClient } from "../../../lib/storage/dynamo-client.ts";
import { dynamoTable, isAttributes, toItem } from "../../../lib/storage/dynamo-table.ts";
import type { Item, Table } from "../../../lib/storage/table.ts";
import { isRecord, listOf } from "../spans.ts";

/** DynamoDB's limit of a batch. */
const MOST_KEYS = 100;

interface Asked {
  readonly table: string;
  readonly id: string;
  readonly resolve: (item: Item | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** The table `<prefix>-<name>`. */
export function gatheredReads(client: DynamoClient, prefix: string): (name: string) => Table {
  const waiting: Asked[] = [];
  const sendSoon = onceATurn(() => {
    while (waiting.length > 0) send(waiting.splice(0, MOST_KEYS));
  });

  function send(asked: readonly Asked[]): void {
    batch(client, asked).then(
      (items) => {
        // Those that had no room in the reply, of which one at least had some.
        const left: Asked[] = [];
        for (const one of asked) {
          const found = items.get(keyOf(one));
          if (found === "left out") left.push(one);
          else one.resolve(found);
        }
        if (left.length === 0) return;
        waiting.push(...left);
        sendSoon();
      },
      (error) => {
        for (const { reject } of asked) reject(error);
      },
    );
  }

  return (name) => {
    const table = `${prefix}-${name}`;
    return {
      ...dynamoTable(client, table),
      get(id) {
        const { promise, resolve, reject } = Promise.withResolvers<Item | undefined>();
        waiting.push({ table, id, resolve, reject });
        sendSoon();
        return promise;
      },
    };
  };
}

const keyOf = ({ table, id }: Pick<Asked, "table" | "id">): string => `${table}/${id}`;

/** By table and id. */
async function batch(
  client: DynamoClient,
  asked: readonly Asked[],
): Promise<ReadonlyMap<string, Item | "left out">> {
  const ids = new Map<string, Set<string>>();
  for (const { table, id } of asked) {
    const ofTable = ids.get(table);
    if (ofTable === undefined) ids.set(table, new Set([id]));
    else ofTable.add(id);
  }
  const { body } = await client.send("BatchGetItem", {
    RequestItems: Object.fromEntries(
      [...ids].map(([table, all]) => [
        table,
        { Keys: [...all].map((id) => ({ id: { S: id } })), ConsistentRead: true },
      ]),
    ),
  });
  const found = new Map<string, Item | "left out">();
  for (const [table, rows] of entriesOf(body["Responses"]))
    for (const row of listOf(rows))
      if (isAttributes(row)) {
        const item = toItem(row);
        found.set(keyOf({ table, id: item.id }), item);
      }
  for (const [table, left] of entriesOf(body["UnprocessedKeys"]))
    for (const key of listOf(isRecord(left) ? left["Keys"] : undefined))
      if (isAttributes(key)) found.set(keyOf({ table, id: toItem(key).id }), "left out");
  return found;
}

const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] =>
  isRecord(value) ? Object.entries(value) : [];
