// Creates missing tables, in the embedded database or in DynamoDB Local.

import { setTimeout as sleep } from "node:timers/promises";
import type { DynamoClient } from "../../lib/storage/dynamo-client.ts";
import { StorageFault } from "../../lib/storage/errors.ts";
import { StartUpError } from "../shared/start-up-error.ts";
import type { CreateTable } from "./tables.ts";

const ACTIVE_WITHIN_MS = 60_000;
/** For an index of many items. */
const INDEXED_WITHIN_MS = 30 * 60_000;
const POLL_MS = 20;

export interface CreatedTables {
  /** Names of the tables that were created. */
  readonly tables: readonly string[];
  /** Indexes that tables have gained, `<table>/<index>`. */
  readonly indexes: readonly string[];
}

/**
 * Creates the tables that do not exist yet, and the indexes that existing ones lack; waits until all can be used. Several runtimes may do
 * this at once. An index that is not wanted any more stays, since instances of the version before may use it.
 * @throws {StartUpError} when a table or an index is not ready in time.
 */
export async function createTables(
  client: DynamoClient,
  tables: readonly CreateTable[],
): Promise<CreatedTables> {
  const existing = new Set(await tableNames(client));
  const missing = tables.filter(({ TableName }) => !existing.has(TableName));
  await Promise.all(missing.map((table) => create(client, table)));
  await Promise.all(missing.map(({ TableName }) => untilActive(client, TableName, ACTIVE_WITHIN_MS)));
  const others = tables.filter(({ TableName }) => existing.has(TableName));
  const gained = await Promise.all(others.map((table) => addIndexes(client, table)));
  return { tables: missing.map(({ TableName }) => TableName), indexes: gained.flat() };
}

/** Creates the indexes that `table` lacks, one after the other, as DynamoDB demands. */
async function addIndexes(client: DynamoClient, table: CreateTable): Promise<readonly string[]> {
  const { TableName, AttributeDefinitions, GlobalSecondaryIndexes: wanted = [] } = table;
  const gained: string[] = [];
  for (const index of wanted) {
    if (indexesOf(await describe(client, TableName)).has(index.IndexName)) continue;
    // DynamoDB changes one index of a table at a time.
    await untilActive(client, TableName, INDEXED_WITHIN_MS);
    const keys = new Set(index.KeySchema.map(({ AttributeName }) => AttributeName));
    const created = await tryUpdate(client, TableName, {
      TableName,
      AttributeDefinitions: AttributeDefinitions.filter(({ AttributeName }) => keys.has(AttributeName)),
      GlobalSecondaryIndexUpdates: [{ Create: index }],
    });
    if (created) gained.push(`${TableName}/${index.IndexName}`);
  }
  await untilActive(client, TableName, INDEXED_WITHIN_MS);
  return gained;
}

/** False when another runtime has created the index meanwhile. */
async function tryUpdate(client: DynamoClient, name: string, update: UpdateTable): Promise<boolean> {
  try {
    await client.send("UpdateTable", update);
  } catch (error) {
    const [{ Create }] = update.GlobalSecondaryIndexUpdates;
    if (error instanceof StorageFault && indexesOf(await describe(client, name)).has(Create.IndexName))
      return false;
    throw error;
  }
  if (indexesOf(await describe(client, name)).has(update.GlobalSecondaryIndexUpdates[0].Create.IndexName))
    return true;
  // The embedded database of an earlier version passes it over in silence.
  throw new StartUpError(
    "index_not_created",
    `The database does not add an index to the table ${name}: it is of an earlier version. Stop every runtime that uses it, then start again.`,
  );
}

interface UpdateTable {
  readonly TableName: string;
  readonly AttributeDefinitions: CreateTable["AttributeDefinitions"];
  readonly GlobalSecondaryIndexUpdates: readonly [{ readonly Create: { readonly IndexName: string } }];
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

async function untilActive(client: DynamoClient, name: string, withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  for (;;) {
    const table = await describe(client, name);
    if (
      table.TableStatus === "ACTIVE" &&
      [...indexesOf(table).values()].every((status) => status === "ACTIVE")
    )
      return;
    if (performance.now() > until) {
      throw new StartUpError(
        "table_not_active",
        `The table ${name} was not ready within ${withinMs / 1000} s.`,
      );
    }
    await sleep(POLL_MS);
  }
}

interface Described {
  readonly TableStatus?: string;
  readonly GlobalSecondaryIndexes?: readonly { readonly IndexName: string; readonly IndexStatus?: string }[];
}

async function describe(client: DynamoClient, name: string): Promise<Described> {
  const { body } = await client.send("DescribeTable", { TableName: name });
  return Object(body["Table"]);
}

/** The status of each index by its name. */
const indexesOf = ({ GlobalSecondaryIndexes = [] }: Described): ReadonlyMap<string, string> =>
  new Map(GlobalSecondaryIndexes.map(({ IndexName, IndexStatus = "ACTIVE" }) => [IndexName, IndexStatus]));
