// Records in DynamoDB that are not aggregates: read by the client that everything shares, written by dynamoose, which is
// loaded at the first write.

import type { DynamoClient } from "../../lib/storage/dynamo-client.ts";
import type { Endpoint } from "../../lib/storage/endpoint.ts";

/** The attributes of a record, without their types. */
export type PlainRecord = Readonly<Record<string, unknown>>;

function plain(item: unknown): PlainRecord {
  if (typeof item !== "object" || item === null) return {};
  return Object.fromEntries(
    Object.entries(item).map(([name, attribute]) => [name, Object.values(attribute ?? {})[0]]),
  );
}

/** The record whose key `attribute` is `value`, as it is now; without attributes when there is none. */
export async function readRecord(
  client: DynamoClient,
  tableName: string,
  attribute: string,
  value: string,
): Promise<PlainRecord> {
  const key = { Key: { [attribute]: { S: value } }, ConsistentRead: true };
  const { body } = await client.send("GetItem", { TableName: tableName, ...key });
  return plain(body["Item"]);
}

/** The records with `value` in an index, `most` at the most. On AWS they may lag behind writes. */
export async function recordsWith(
  client: DynamoClient,
  tableName: string,
  index: { readonly name: string; readonly hash: string },
  value: string,
  most: number,
): Promise<readonly PlainRecord[]> {
  const { body } = await client.send("Query", {
    TableName: tableName,
    IndexName: index.name,
    KeyConditionExpression: "#h = :hash",
    ExpressionAttributeNames: { "#h": index.hash },
    ExpressionAttributeValues: { ":hash": { S: value } },
    Limit: most,
  });
  const items: readonly unknown[] = Array.isArray(body["Items"]) ? body["Items"] : [];
  return items.map(plain);
}

/** dynamoose, with the database at `endpoint`. */
export async function openDynamoose({ url, region, ...credentials }: Endpoint) {
  const { default: dynamoose } = await import("dynamoose");
  dynamoose.aws.ddb.set(
    new dynamoose.aws.ddb.DynamoDB({
      endpoint: url,
      region,
      credentials,
      maxAttempts: 3,
      // Without the last one a reply that is late is only warned of, by the SDK itself.
      requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
    }),
  );
  return dynamoose;
}
