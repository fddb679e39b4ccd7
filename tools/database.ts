// The database of the system whose settings this shell has, for commands that work on its tables.

import { existsSync } from "node:fs";
import { loadConfig } from "../lib/config/env.ts";
import { createDynamoClient, endpointOf } from "../lib/storage/dynamo-client.ts";
import { dynamoTable } from "../lib/storage/dynamo-table.ts";
import type { Table } from "../lib/storage/table.ts";

export interface Database {
  /** Where it is, for people. */
  readonly address: string;
  /** The table `<DB_NAME>-<name>`. */
  table(name: string): Table;
  close(): Promise<void>;
}

/**
 * Opens the database as `npm start` would find it: the embedded one of a running system unless `DB_HOST` or `DB_ENGINE`
 * say otherwise. Reads `.env`. @throws {ConfigError} for a wrong value.
 */
export function openDatabase(env: NodeJS.ProcessEnv = process.env): Database {
  if (existsSync(".env")) process.loadEnvFile(".env");
  const embedded = (env["DB_ENGINE"] || (env["DB_HOST"] ? "dynamodb" : "embedded")) === "embedded";
  const config = loadConfig({
    ...env,
    DB_ENGINE: embedded ? "embedded" : "dynamodb",
    ...(embedded && !env["DB_HOST"] ? { DB_HOST: "127.0.0.1" } : {}),
  });
  const endpoint = endpointOf(config);
  const client = createDynamoClient(endpoint);
  return {
    address: endpoint.url,
    table: (name) => dynamoTable(client, `${config.DB_NAME}-${name}`),
    close: () => client.close(),
  };
}
