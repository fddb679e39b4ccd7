// An embedded database with the tables of the system, for tests of records as dynamoose really writes them.

import { afterAll, beforeAll } from "@jest/globals";
import { createDynamoClient, type DynamoClient } from "../../lib/storage/dynamo-client.ts";
import type { Endpoint } from "../../lib/storage/endpoint.ts";
import { startDatabase } from "../../local/database/server.ts";
import { createTables } from "../../local/runtime/create-tables.ts";
import { systemTables } from "../../tests/support/system-tables.ts";

export interface RecordsDatabase {
  readonly client: DynamoClient;
  readonly endpoint: Endpoint;
}

/** Starts it before the tests of a `describe`, and ends it after them. Its tables are named `test-…`. */
export function recordsDatabase(): () => RecordsDatabase {
  let started: (RecordsDatabase & { close(): Promise<void> }) | undefined;
  beforeAll(async () => {
    const database = await startDatabase({ host: "127.0.0.1", port: 0, log: () => {} });
    const endpoint = {
      url: `http://127.0.0.1:${database.port}`,
      region: "us-east-1",
      accessKeyId: "local",
      secretAccessKey: "local",
    };
    const client = createDynamoClient(endpoint);
    const close = async () => {
      await client.close();
      await database.close();
    };
    started = { client, endpoint, close };
    await createTables(client, systemTables("test"));
  });
  afterAll(() => started?.close());
  return () => {
    if (started === undefined) throw new Error("The database has not started");
    return started;
  };
}
