// Reads the keys of a whole table, page by page.

import type { DynamoClient } from "./dynamo-client.ts";

const PAGE = 50;

/** All ids of a table in the database's own order, read consistently. */
export async function* scan(
  client: DynamoClient,
  name: string,
  after?: string,
): AsyncGenerator<readonly string[]> {
  let start: unknown = after === undefined ? undefined : { id: { S: after } };
  do {
    const { body } = await client.send("Scan", {
      TableName: name,
      ConsistentRead: true,
      ProjectionExpression: "id",
      Limit: PAGE,
      ...(start === undefined ? {} : { ExclusiveStartKey: start }),
    });
    yield Array.isArray(body["Items"]) ? body["Items"].map(idOf) : [];
    start = body["LastEvaluatedKey"];
  } while (start !== undefined);
}

const idOf = (row: unknown): string => {
  const id: unknown = Reflect.get(Object(row), "id");
  return String(Reflect.get(Object(id), "S"));
};
