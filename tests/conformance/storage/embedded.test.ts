import { afterAll, beforeAll, describe } from "@jest/globals";
import type { DynamoClient } from "../../../lib/storage/dynamo-client.ts";
import { type Database, startDatabase } from "../../../local/database/server.ts";
import { clientOf, openTable } from "./open-table.ts";
import { tableSuite } from "./table-suite.ts";

describe("a table of the embedded database", () => {
  let database: Database;
  let client: DynamoClient;
  beforeAll(async () => {
    database = await startDatabase({ host: "127.0.0.1", port: 0, log: () => {} });
    client = clientOf(`http://127.0.0.1:${database.port}`);
  });
  afterAll(async () => {
    await client.close();
    await database.close();
  });

  tableSuite(() => openTable(client));
});
