// The database of the system that is shown.

import type { Config } from "../../lib/config/env.ts";
import { createDynamoClient } from "../../lib/storage/dynamo-client.ts";
import { dynamoTable } from "../../lib/storage/dynamo-table.ts";
import { endpointOf } from "../../lib/storage/endpoint.ts";
import type { Table } from "../../lib/storage/table.ts";

/** `work` with its tables, by their short names. Its connection ends with it: the database may be another one by the next time. */
export async function atDatabase<T>(
  config: Config,
  work: (table: (name: string) => Table) => Promise<T>,
): Promise<T> {
  const client = createDynamoClient(endpointOf(config));
  try {
    return await work((name) => dynamoTable(client, `${config.DB_NAME}-${name}`, config.OUTBOX_SHARDS));
  } finally {
    await client.close();
  }
}
