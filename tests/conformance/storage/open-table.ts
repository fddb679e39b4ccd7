// A fresh table for the storage suite, on whatever speaks DynamoDB at an address.

import { randomUUID } from "node:crypto";
import { createDynamoClient, type DynamoClient } from "../../../lib/storage/dynamo-client.ts";
import { dynamoTable } from "../../../lib/storage/dynamo-table.ts";
import type { Table } from "../../../lib/storage/table.ts";
import { eventually } from "../../support/poll.ts";
import { suiteTable } from "./table-suite.ts";

/** A client of the database at `url`. */
export const clientOf = (url: string): DynamoClient =>
  createDynamoClient({ url, region: "us-east-1", accessKeyId: "local", secretAccessKey: "local" });

/** Creates a table with a name of its own and waits until it can be used. */
export async function openTable(client: DynamoClient): Promise<Table> {
  const name = `suite-${randomUUID()}`;
  await client.send("CreateTable", suiteTable(name));
  await eventually(async () => {
    const { body } = await client.send("DescribeTable", { TableName: name });
    if (!JSON.stringify(body).includes('"TableStatus":"ACTIVE"'))
      throw new Error(`${name} is not active yet`);
  });
  return dynamoTable(client, name);
}
