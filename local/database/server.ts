// The embedded database: DynamoDB's API on a local port, data in a folder, no Java and no account.

import { loopbackNames } from "../shared/listener/hosts.ts";
import { type HttpListener, httpListener } from "../shared/listener/http-server.ts";
import { keptIdleMs } from "../shared/listener/limits.ts";
import type { Log } from "../shared/log.ts";
import { createAnswers } from "./answers.ts";
import type { OnWritten } from "./commits.ts";
import { DueAlarm } from "./due-alarm.ts";
import { DatabaseStartError } from "./errors.ts";
import { frameProtocol } from "./frame-front.ts";
import { createFront } from "./front.ts";
import type { Level } from "./level.ts";
import { openLevel } from "./open-level.ts";
import { createStore } from "./store.ts";

/** DynamoDB's own limit. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

export interface DatabaseOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Folder of the data; without one they are kept in memory. */
  readonly path?: string;
  readonly log: Log;
  /** Called with the names of tables in which something is due by their index `by_due`, every 2 s until it no longer is. */
  readonly onDue?: (tables: readonly string[]) => void;
  /** Called with each batch; it should be cheap. */
  readonly onWritten?: OnWritten;
}

export interface Database {
  readonly host: string;
  readonly port: number;
  /** Completes the requests in progress, then releases port and folder. */
  close(): Promise<void>;
}

/**
 * Starts the database. A write that was answered with 2xx has been handed to the operating system: it survives `kill -9`,
 * not a power cut. An item and all its index entries become durable together. When the disk fails, no write is acknowledged
 * until the disk works again and all acknowledged writes have been verified.
 * Items whose `expires_on` is over are deleted some time later. Not supported: transactions, streams, and changing or deleting an index of an existing table.
 * @throws {DatabaseStartError} if the folder or the port cannot be used.
 */
export async function startDatabase({ path, ...options }: DatabaseOptions): Promise<Database> {
  const level = await openLevel(path, options.log);
  try {
    const database = await serveDatabase(level, options);
    const close = async () => {
      await database.close();
      await level.close();
    };
    return { ...database, close };
  } catch (error) {
    await level.close();
    throw error;
  }
}

/** Like `startDatabase`, on storage that the caller has opened and closes after the database. */
export async function serveDatabase(level: Level, options: Omit<DatabaseOptions, "path">): Promise<Database> {
  const { onDue, onWritten } = options;
  const alarm = onDue && new DueAlarm({ level, onDue });
  const store = await createStore(level, (writes, stored) => {
    alarm?.written(writes);
    onWritten?.(writes, stored);
  });
  const answer = createAnswers(store, options.log);
  const writeFailure = () => level.writeFailure;
  const listener = httpListener(
    {
      reach: "loopback",
      hosts: loopbackNames,
      origins: [],
      maxBodyBytes: MAX_REQUEST_BYTES,
      limits: { idleMs: keptIdleMs() },
      upgrade: frameProtocol(answer, writeFailure),
    },
    createFront(answer, {
      writeFailure,
      backup: () => backupOf(level),
      compact: async () => level.compact?.(),
    }),
  );
  const port = await listen(listener, options);
  alarm?.watch(store.tableDb.names());
  store.indexes.resume();
  store.expiry.begin();
  return {
    host: options.host,
    port,
    close: async () => {
      await listener.close(Number.POSITIVE_INFINITY);
      await Promise.all([store.indexes.stop(), store.expiry.stop()]);
      alarm?.close();
    },
  };
}

/** Loaded when a backup is taken. */
async function* backupOf(level: Level): AsyncGenerator<string> {
  const { linesOf } = await import("./backup-format.ts");
  const { backupRows } = await import("./backup-rows.ts");
  yield* linesOf(backupRows(level));
}

const listen = (listener: HttpListener, { host, port }: Omit<DatabaseOptions, "path">): Promise<number> =>
  listener.open({ host, port }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "EADDRINUSE") throw cause;
    throw new DatabaseStartError(
      "database_port_in_use",
      `Port ${port} of the embedded database is in use. Set DB_PORT to a free port, or stop the process that uses it.`,
      cause,
    );
  });
