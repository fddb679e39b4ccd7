// The database of the system that is shown.

import type { Config } from "../../lib/config/env.ts";
import { Problem } from "../../lib/http/problem.ts";
import { createDynamoClient } from "../../lib/storage/dynamo-client.ts";
import { dynamoTable } from "../../lib/storage/dynamo-table.ts";
import { endpointOf } from "../../lib/storage/endpoint.ts";
import { StorageUnavailable } from "../../lib/storage/errors.ts";
import type { SystemDatabase } from "../../lib/storage/system-database.ts";

/**
 * `work` with the database. Its connection ends with it: the database may be another one by the next time.
 * @throws {Problem} 503 `database_unavailable`.
 */
export async function atDatabase<T>(
  config: Config,
  work: (database: SystemDatabase) => Promise<T>,
): Promise<T> {
  const endpoint = endpointOf(config);
  const client = createDynamoClient(endpoint);
  const tableName = (name: string): string => `${config.DB_NAME}-${name}`;
  try {
    return await work({
      client,
      endpoint,
      tableName,
      table: (name) => dynamoTable(client, tableName(name), config.OUTBOX_SHARDS),
    });
  } catch (error) {
    if (!(error instanceof StorageUnavailable)) throw error;
    throw new Problem(503, "database_unavailable", "The database does not answer.");
  } finally {
    await client.close();
  }
}
