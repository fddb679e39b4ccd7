// Any server with the API of DynamoDB: a client of it, and tables for tests.

import { randomUUID } from "node:crypto";
import { createDynamoClient, type DynamoClient } from "../../lib/storage/dynamo-client.ts";
import { dynamoTable } from "../../lib/storage/dynamo-table.ts";
import { StorageFault } from "../../lib/storage/errors.ts";
import { BY_DUE, type IndexName, type Table } from "../../lib/storage/table.ts";
import { eventually } from "./poll.ts";

/** A client of the database at `url`; of the embedded one as the services use it, or as any other client does. */
export const clientOf = (url: string, embedded = false): DynamoClient =>
  createDynamoClient({ url, region: "us-east-1", accessKeyId: "local", secretAccessKey: "local", embedded });

/** The index that tables for tests have besides the one of what is due. */
export const BY_OWNER: IndexName = { name: "by_owner", hash: "owner", range: "created" };

/** Input of CreateTable for a table `name` with the indexes {@link BY_OWNER}, of whole items or with the attributes `owned`, and {@link BY_DUE}. */
export const tableInput = (name: string, owned?: readonly string[]) => ({
  TableName: name,
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: ["id", "owner", "created", BY_DUE.hash, BY_DUE.range].map((AttributeName) => ({
    AttributeName,
    AttributeType: "S",
  })),
  KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  GlobalSecondaryIndexes: [
    indexOf(
      BY_OWNER,
      owned === undefined
        ? { ProjectionType: "ALL" }
        : { ProjectionType: "INCLUDE", NonKeyAttributes: owned },
    ),
    indexOf(BY_DUE, { ProjectionType: "KEYS_ONLY" }),
  ],
});

const indexOf = ({ name, hash, range }: IndexName, projection: object) => ({
  IndexName: name,
  KeySchema: [
    { AttributeName: hash, KeyType: "HASH" },
    { AttributeName: range, KeyType: "RANGE" },
  ],
  Projection: projection,
});

/** Creates such a table with a name of its own and waits until it can be used. */
export async function openTable(client: DynamoClient, owned?: readonly string[]): Promise<Table> {
  const name = `suite-${randomUUID()}`;
  // The name is this call's own: the table exists when a try whose reply came too late has made it.
  await client.send("CreateTable", tableInput(name, owned)).catch((error: unknown) => {
    if (!(error instanceof StorageFault && error.reason === "ResourceInUseException")) throw error;
  });
  await eventually(async () => {
    const { body } = await client.send("DescribeTable", { TableName: name });
    if (!JSON.stringify(body).includes('"TableStatus":"ACTIVE"'))
      throw new Error(`${name} is not active yet`);
  });
  return dynamoTable(client, name);
}
