// Gives a table that has items another index: writes keep it from then on, and the items that were there before are added beside
// other requests. A process that is killed meanwhile goes on with that at its next start.

import { setImmediate as othersTurn } from "node:timers/promises";
import type { Commits } from "./commits.ts";
import {
  type IndexDescription,
  type ReplyError,
  type TableDescription,
  validationError,
} from "./dynalite.ts";
import { entryOf } from "./fast/entries.ts";
import { plainTable } from "./fast/plain-table.ts";
import type { Wanted } from "./index-request.ts";
import type { keyLock } from "./key-lock.ts";
import { type Level, type Write, within } from "./level.ts";
import { type Tables, tableNotFound } from "./tables.ts";

/** Items added at once: their locks are held for one write to the disk. */
const AT_ONCE = 100;

export interface NewIndexes {
  /**
   * Adds the index; resolves when it is in the table's description, with `IndexStatus` `CREATING` until all items are in it.
   * @throws {ReplyError} as DynamoDB does, for a table or an index that can't be.
   */
  add(wanted: Wanted): Promise<TableDescription>;
  /** Goes on with indexes that are not complete. */
  resume(): void;
  /** Ends the work; the next start goes on with it. */
  stop(): Promise<void>;
}

export interface IndexSources {
  readonly level: Level;
  readonly commits: Commits;
  readonly tables: Tables;
  lockOf(table: string): ReturnType<typeof keyLock>;
}

/** The indexes that tables gain, below dynalite's actions. */
export function newIndexes(sources: IndexSources): NewIndexes {
  const { tables, commits } = sources;
  const running = new Set<Promise<void>>();
  let stopped = false;

  const changed = (name: string, change: (table: TableDescription) => TableDescription) =>
    new Promise<TableDescription>((resolve, reject) => {
      tables.lock(name, (release) => {
        const done = release<TableDescription>((error, table) =>
          error === null && table !== undefined ? resolve(table) : reject(error),
        );
        const table = tables.copy(name);
        if (table === undefined || table.TableStatus === "DELETING")
          return done(tableNotFound(`: Table: ${name} not found`));
        const next = change(table);
        tables.put(name, next, (error) => done(error, next));
      });
    });

  function fill(name: string, indexName: string): void {
    const work = backfill(sources, name, indexName, () => stopped)
      .then(async (complete) => {
        if (!complete) return;
        await changed(name, (table) =>
          withIndexes(table, (one) => (one.IndexName === indexName ? ready(one) : one)),
        );
      })
      // A disk that fails: the next start goes on.
      .catch(() => {})
      .finally(() => running.delete(work));
    running.add(work);
  }

  return {
    async add({ TableName: name, AttributeDefinitions, GlobalSecondaryIndexUpdates: [update] }) {
      if (update === undefined) throw validationError("There is no index to create");
      const { Create } = update;
      const table = await changed(name, (before) => {
        const next = withIndex(
          before,
          { ...Create, IndexStatus: "CREATING", Backfilling: true },
          AttributeDefinitions,
        );
        if (plainTable(next) === undefined)
          throw validationError("An index that a table gains here has two keys, which are texts");
        return next;
      });
      // What was written before the index was known is handed to the disk after this.
      await new Promise<void>((resolve, reject) => {
        commits.write([], (error) => (error === null ? resolve() : reject(error)));
      });
      fill(name, Create.IndexName);
      return table;
    },
    resume() {
      for (const name of tables.names())
        for (const { IndexName, Backfilling } of tables.active(name)?.GlobalSecondaryIndexes ?? [])
          if (Backfilling === true) fill(name, IndexName);
    },
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}

function withIndex(
  table: TableDescription,
  added: IndexDescription,
  definitions: TableDescription["AttributeDefinitions"],
): TableDescription {
  const { GlobalSecondaryIndexes = [], AttributeDefinitions } = table;
  if (GlobalSecondaryIndexes.some(({ IndexName }) => IndexName === added.IndexName))
    throw validationError(`Attempting to create an index which already exists: ${added.IndexName}`);
  if (GlobalSecondaryIndexes.some(({ Backfilling }) => Backfilling === true)) throw inUse(table.TableName);
  const known = new Set(AttributeDefinitions.map(({ AttributeName }) => AttributeName));
  return {
    ...table,
    AttributeDefinitions: [
      ...AttributeDefinitions,
      ...definitions.filter(({ AttributeName }) => !known.has(AttributeName)),
    ],
    GlobalSecondaryIndexes: [...GlobalSecondaryIndexes, added],
  };
}

function inUse(table: string): ReplyError {
  const error: ReplyError = new Error(`Attempt to change a resource which is still in use: ${table}`);
  error.statusCode = 400;
  error.body = {
    __type: "com.amazonaws.dynamodb.v20120810#ResourceInUseException",
    message: error.message,
  };
  return error;
}

const withIndexes = (
  table: TableDescription,
  change: (index: IndexDescription) => IndexDescription,
): TableDescription => ({
  ...table,
  GlobalSecondaryIndexes: (table.GlobalSecondaryIndexes ?? []).map(change),
});

function ready({ Backfilling: _, ...index }: IndexDescription): IndexDescription {
  return { ...index, IndexStatus: "ACTIVE" };
}

/** Adds all items of the table to the index, each under its lock; false when it was stopped before the end. */
async function backfill(
  { level, commits, tables, lockOf }: IndexSources,
  name: string,
  indexName: string,
  stopped: () => boolean,
): Promise<boolean> {
  const description = tables.active(name);
  const table = description && plainTable(description);
  const added = table?.indexes.find((one) => one.name === indexName);
  if (table === undefined || added === undefined) return false;
  const lock = lockOf(name);

  const addItem = (key: string): Promise<void> =>
    new Promise((resolve, reject) => {
      lock(key, (release) => {
        const done = release((error) => (error === null ? resolve() : reject(error)));
        const text = level.getSync(table.prefix + key);
        const entry: Write | undefined =
          text === undefined ? undefined : entryOf(added, table, key, JSON.parse(text));
        if (entry === undefined) done(null);
        else commits.write([entry], done);
      });
    });

  const rows = level.keys(within(table.prefix));
  try {
    for (let keys = await rows.nextv(AT_ONCE); keys.length > 0; keys = await rows.nextv(AT_ONCE)) {
      if (stopped()) return false;
      await Promise.all(keys.map((key) => addItem(key.slice(table.prefix.length))));
      await othersTurn();
    }
    return !stopped();
  } finally {
    await rows.close();
  }
}
