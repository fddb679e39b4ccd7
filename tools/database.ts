// Opens the database that the settings of this shell name, for commands that work on its tables.

import { type Config, loadConfig } from "../lib/config/env.ts";
import { createDynamoClient, type DynamoClient } from "../lib/storage/dynamo-client.ts";
import { dynamoTable } from "../lib/storage/dynamo-table.ts";
import { endpointOf } from "../lib/storage/endpoint.ts";
import { scan } from "../lib/storage/scan.ts";
import type { Table } from "../lib/storage/table.ts";
import { loadEnvFiles } from "../local/shared/env-file.ts";

export interface Database {
  /** The settings that name it. */
  readonly config: Config;
  /** Its address, for messages. */
  readonly address: string;
  readonly client: DynamoClient;
  /** The table `<DB_NAME>-<name>`. */
  table(name: string): Table;
  /** The ids in that table, page by page, from the beginning or after the id `after`. */
  pages(name: string, after?: string): AsyncGenerator<readonly string[]>;
  close(): Promise<void>;
}

/**
 * Opens the database that `npm start` would use: the embedded one of a running system, unless `DB_HOST` or `DB_ENGINE` name
 * another. Reads `.env.<stage>` or `.env` like `npm start`.
 * @throws {ConfigError} for a wrong value, {@link StartUpError} for a file that can't be read.
 */
export function openDatabase(stage?: string, env: NodeJS.ProcessEnv = process.env): Database {
  loadEnvFiles(env, { stage });
  const embedded = (env["DB_ENGINE"] || (env["DB_HOST"] ? "dynamodb" : "embedded")) === "embedded";
  const config = loadConfig({
    ...env,
    DB_ENGINE: embedded ? "embedded" : "dynamodb",
    ...(embedded && !env["DB_HOST"] ? { DB_HOST: "127.0.0.1" } : {}),
  });
  const endpoint = endpointOf(config);
  const client = createDynamoClient(endpoint);
  return {
    config,
    address: endpoint.url,
    client,
    table: (name) => dynamoTable(client, `${config.DB_NAME}-${name}`, config.OUTBOX_SHARDS),
    pages: (name, after) => scan(client, `${config.DB_NAME}-${name}`, after),
    close: () => client.close(),
  };
}
