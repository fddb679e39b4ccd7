// Table descriptions: few, read by every operation, so they are kept in memory and written through.

import type { Commits } from "./commits.ts";
import type { Callback, ReplyError, TableDescription } from "./dynalite.ts";
import { keyLock } from "./key-lock.ts";
import { type Level, type Range, within } from "./level.ts";
import { RowStream } from "./row-stream.ts";

const prefix = "table~";

/** The name of the table that a row of the store describes; undefined for any other row. */
export const tableNameIn = (key: string): string | undefined =>
  key.startsWith(prefix) ? key.slice(prefix.length) : undefined;

export class Tables {
  readonly awsRegion = "us-east-1";
  readonly awsAccountId = "000000000000";
  readonly lock = keyLock();
  readonly #commits: Commits;
  readonly #known = new Map<string, TableDescription>();

  private constructor(commits: Commits) {
    this.#commits = commits;
  }

  /** Reads all tables. Those whose deletion was interrupted are passed to `drop` and removed. */
  static async load(level: Level, commits: Commits, drop: (name: string) => Promise<void>): Promise<Tables> {
    const tables = new Tables(commits);
    for (const [key, value] of await level.iterator(within(prefix)).all()) {
      const table: TableDescription = JSON.parse(value);
      if (table.TableStatus === "DELETING") {
        await drop(table.TableName);
        await level.batch([{ type: "del", key }]);
      } else {
        tables.#known.set(table.TableName, table);
      }
    }
    return tables;
  }

  /** The shared description of a table that is ready for use; callers must not change it. */
  active(name: string): TableDescription | undefined {
    const table = this.#known.get(name);
    return table?.TableStatus === "DELETING" ? undefined : table;
  }

  /** A description of its own for callers that change it; also of a table that is being deleted. */
  copy(name: string): TableDescription | undefined {
    return structuredClone(this.#known.get(name));
  }

  /** The names of all tables. */
  names(): readonly string[] {
    return [...this.#known.keys()];
  }

  get(name: string, done: Callback<TableDescription>): void {
    done(null, this.copy(name));
  }

  put(name: string, given: TableDescription, done: Callback): void {
    const table = settled(given);
    this.#commits.write([{ type: "put", key: prefix + name, value: JSON.stringify(table) }], (error) => {
      if (error === null) this.#known.set(name, table);
      done(error);
    });
  }

  del(name: string, done: Callback): void {
    this.#commits.write([{ type: "del", key: prefix + name }], (error) => {
      if (error === null) this.#known.delete(name);
      done(error);
    });
  }

  createKeyStream(_range: Range): RowStream<string, string> {
    const names = [...this.#known.keys()].sort();
    return new RowStream(
      {
        nextv: async (size) => names.splice(0, size),
        decode: (name) => ({ item: name, size: 0 }),
        close: async () => {},
      },
      -1,
    );
  }
}

/** A new or changed table is ready at once here, but for an index of items that were there before; dynalite's later write of the same would be lost in a crash. */
function settled(given: TableDescription): TableDescription {
  const table = structuredClone(given);
  if (table.TableStatus === "DELETING") return table;
  table.TableStatus = "ACTIVE";
  for (const index of table.GlobalSecondaryIndexes ?? [])
    if (index.Backfilling !== true) index.IndexStatus = "ACTIVE";
  return table;
}

/** The error of an operation on a table that does not exist. */
export function tableNotFound(detail: string): ReplyError {
  const error: ReplyError = new Error("Requested resource not found");
  error.name = "NotFoundError";
  error.statusCode = 400;
  error.body = {
    __type: "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
    message: `Requested resource not found${detail}`,
  };
  return error;
}
