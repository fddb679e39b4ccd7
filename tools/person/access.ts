// The tables of the system as declarations of personal data need them, and all their items.

import type { PersonalAccess } from "../../lib/privacy/records.ts";
import type { DynamoClient } from "../../lib/storage/dynamo-client.ts";
import type { Table } from "../../lib/storage/table.ts";
import { keyOf } from "../personal-data.ts";

/** An item with its key, and its whole text, in which a user id can be looked for. */
export interface FoundItem {
  readonly key: string;
  readonly text: string;
  /** All texts in it, those in its document included. */
  texts(): readonly string[];
}

export interface PersonAccess extends PersonalAccess {
  /** Every item of a table, read consistently, page by page. */
  items(table: string): AsyncGenerator<readonly FoundItem[]>;
}

const PAGE = 100;

/** Access by `client` to the tables whose names begin with `family`. */
export function personAccess(
  client: DynamoClient,
  family: string,
  table: (name: string) => Table,
): PersonAccess {
  const fullName = (name: string) => `${family}-${name}`;
  const keyed = (name: string, key: string) => ({
    TableName: fullName(name),
    Key: { [keyOf(name)]: { S: key } },
  });
  return {
    table,
    async record(name, key) {
      const { body } = await client.send("GetItem", { ...keyed(name, key), ConsistentRead: true });
      return body["Item"] === undefined ? undefined : plain(body["Item"]);
    },
    async remove(name, key, only) {
      const condition = only && {
        ConditionExpression: "#a = :v",
        ExpressionAttributeNames: { "#a": only[0] },
        ExpressionAttributeValues: { ":v": { S: only[1] } },
      };
      // One that is gone, or another user's by now, is not deleted: the condition says so in the reply, which is no error.
      await client.send("DeleteItem", { ...keyed(name, key), ...condition });
    },
    async *items(name) {
      let start: unknown;
      do {
        const { body } = await client.send("Scan", {
          TableName: fullName(name),
          ConsistentRead: true,
          Limit: PAGE,
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        });
        const items: readonly unknown[] = Array.isArray(body["Items"]) ? body["Items"] : [];
        yield items.map((item) => foundItem(item, keyOf(name)));
        start = body["LastEvaluatedKey"];
      } while (start !== undefined);
    },
  };
}

const plain = (item: unknown): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(Object(item)).map(([name, attribute]) => [name, Object.values(Object(attribute))[0]]),
  );

function foundItem(item: unknown, keyAttribute: string): FoundItem {
  const attributes = plain(item);
  return {
    key: String(attributes[keyAttribute]),
    text: JSON.stringify(attributes),
    texts() {
      const { doc, ...others } = attributes;
      return [...textsIn(others), ...textsIn(typeof doc === "string" ? JSON.parse(doc) : undefined)];
    },
  };
}

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null)
    for (const inner of Object.values(value)) yield* textsIn(inner);
}
