// Creates missing tables, in the embedded database or in DynamoDB Local.

import { setTimeout as sleep } from "node:timers/promises";
import type { DynamoClient } from "../../lib/storage/dynamo-client.ts";
import { StorageFault } from "../../lib/storage/errors.ts";
import { StartUpError } from "../shared/start-up-error.ts";
import type { CreateTable } from "./tables.ts";

const ACTIVE_WITHIN_MS = 60_000;
const POLL_MS = 20;

/**
 * Creates the tables that do not exist yet, and waits until all can be used. Several runtimes may do this at once.
 * @returns the names of those it created.
 * @throws {StartUpError} when a table is not ready in time.
 */
export async function createTables(
  client: DynamoClient,
  tables: readonly CreateTable[],
): Promise<readonly string[]> {
  const existing = new Set(await tableNames(client));
  const missing = tables.filter(({ TableName }) => !existing.has(TableName));
  await Promise.all(missing.map((table) => create(client, table)));
  await Promise.all(missing.map(({ TableName }) => untilActive(client, TableName)));
  return missing.map(({ TableName }) => TableName);
}

async function tableNames(client: DynamoClient): Promise<readonly string[]> {
  const names: string[] = [];
  let after: unknown;
  do {
    const { body } = await client.send(
      "ListTables",
      after === undefined ? {} : { ExclusiveStartTableName: after },
    );
    if (Array.isArray(body["TableNames"])) names.push(...body["TableNames"].map(String));
    after = body["LastEvaluatedTableName"];
  } while (after !== undefined);
  return names;
}

async function create(client: DynamoClient, table: CreateTable): Promise<void> {
  try {
    await client.send("CreateTable", table);
  } catch (error) {
    // Another runtime has created it.
    if (error instanceof StorageFault && error.reason === "ResourceInUseException") return;
    throw error;
  }
}

async function untilActive(client: DynamoClient, name: string): Promise<void> {
  const until = performance.now() + ACTIVE_WITHIN_MS;
  for (;;) {
    const { body } = await client.send("DescribeTable", { TableName: name });
    const described: unknown = body["Table"];
    if (isActive(described)) return;
    if (performance.now() > until) {
      throw new StartUpError(
        "table_not_active",
        `The table ${name} was not ready within ${ACTIVE_WITHIN_MS / 1000} s.`,
      );
    }
    await sleep(POLL_MS);
  }
}

const isActive = (described: unknown): boolean =>
  typeof described === "object" &&
  described !== null &&
  "TableStatus" in described &&
  described.TableStatus === "ACTIVE";
