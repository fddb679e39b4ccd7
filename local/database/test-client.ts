// What the tests of the embedded database share: a table with indexes of every kind, a client without an SDK, and a
// check of the stored bytes that items and index entries agree.

import { createRequire } from "node:module";
import { ClassicLevel } from "classic-level";

const key = (hash: string, range?: string) => [
  { AttributeName: hash, KeyType: "HASH" },
  ...(range === undefined ? [] : [{ AttributeName: range, KeyType: "RANGE" }]),
];
const all = { ProjectionType: "ALL" };

/** Four indexes as the stores have them: by user and time, by user and amount, sparse by due time, and keys only. */
export const orders = {
  TableName: "orders",
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [
    { AttributeName: "id", AttributeType: "S" },
    { AttributeName: "user", AttributeType: "S" },
    { AttributeName: "created_at", AttributeType: "S" },
    { AttributeName: "amount", AttributeType: "N" },
    { AttributeName: "due_shard", AttributeType: "S" },
    { AttributeName: "due_at", AttributeType: "N" },
  ],
  KeySchema: key("id"),
  GlobalSecondaryIndexes: [
    { IndexName: "by_time", KeySchema: key("user", "created_at"), Projection: all },
    { IndexName: "by_amount", KeySchema: key("user", "amount"), Projection: all },
    {
      IndexName: "by_due",
      KeySchema: key("due_shard", "due_at"),
      Projection: { ProjectionType: "KEYS_ONLY" },
    },
    { IndexName: "by_user", KeySchema: key("user"), Projection: all },
  ],
};

/** An order; `due` puts it into the sparse index. */
export function order(
  id: string,
  fields: { user?: string; amount?: number; due?: number; text?: string } = {},
) {
  const { user = "ann", amount = 1, due, text = "" } = fields;
  return {
    id: { S: id },
    user: { S: user },
    created_at: { S: `2026-01-01T00:00:${id}` },
    amount: { N: String(amount) },
    text: { S: text },
    ...(due === undefined ? {} : { due_shard: { S: "0" }, due_at: { N: String(due) } }),
  };
}

/** The same in the form of the services' tables, whose requests the fast path answers: every key is a text. */
export const plainOrders = {
  ...orders,
  TableName: "plain",
  AttributeDefinitions: orders.AttributeDefinitions.map(({ AttributeName }) => ({
    AttributeName,
    AttributeType: "S",
  })),
  GlobalSecondaryIndexes: orders.GlobalSecondaryIndexes.filter(({ KeySchema }) => KeySchema.length === 2),
};

/** Writes version `version` of an order of {@link plainOrders}, if the one before is stored. */
export function plainPut(
  id: string,
  version: number,
  fields: Parameters<typeof order>[1],
): [operation: string, input: { readonly TableName: string; readonly Item: object }] {
  const { amount, due_at, ...others } = order(id, fields);
  const text = (attribute: { N: string } | undefined) => attribute && { S: attribute.N };
  const item = { ...others, version: { N: String(version) }, amount: text(amount), due_at: text(due_at) };
  const condition =
    version === 1
      ? { ConditionExpression: "attribute_not_exists(id)" }
      : {
          ConditionExpression: "version = :version",
          ExpressionAttributeValues: { ":version": { N: String(version - 1) } },
        };
  return [
    "PutItem",
    { TableName: plainOrders.TableName, Item: JSON.parse(JSON.stringify(item)), ...condition },
  ];
}

export interface Reply {
  readonly status: number;
  // A reply of DynamoDB's is tested by its fields, whatever its operation.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly body: any;
}

/** Sends one request. @throws if the server does not answer. */
export async function call(port: number, operation: string, body: unknown): Promise<Reply> {
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
      authorization: "AWS4-HMAC-SHA256 Credential=local/20260101/local/dynamodb/aws4_request",
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

interface Entry {
  readonly index: string;
  readonly key: string;
}
const dynalite: {
  createKey(item: object, table: object): string;
  getIndexActions(indexes: unknown, before: null, item: object, table: object): { puts: Entry[] };
} = createRequire(import.meta.url)("dynalite/db");

/**
 * Reads the closed folder `path` and compares, of `table`, the stored index entries with those that the items demand.
 * @returns the text of each item by its id, and every disagreement as a line.
 */
export async function inspect(
  path: string,
  table: typeof orders = orders,
): Promise<{ texts: Map<string, string>; wrong: string[] }> {
  const level = new ClassicLevel<string, string>(path);
  const rows = await level.iterator().all();
  await level.close();
  const texts = new Map<string, string>();
  const demanded = new Set<string>();
  for (const [stored, text] of rows) {
    if (!stored.startsWith(`item-${table.TableName}~`)) continue;
    const item = JSON.parse(text);
    texts.set(item.id.S, item.text.S);
    const { puts } = dynalite.getIndexActions(table.GlobalSecondaryIndexes, null, item, table);
    for (const { index, key } of puts) {
      demanded.add(`index-global~${table.TableName}~${index}~${key}/${dynalite.createKey(item, table)}`);
    }
  }
  const entries = new Set(
    rows.map(([stored]) => stored).filter((stored) => stored.startsWith(`index-global~${table.TableName}~`)),
  );
  const wrong = [
    ...[...demanded].filter((entry) => !entries.has(entry)).map((entry) => `missing ${entry}`),
    ...[...entries].filter((entry) => !demanded.has(entry)).map((entry) => `left over ${entry}`),
  ];
  return { texts, wrong };
}
