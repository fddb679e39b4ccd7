// The embedded database: DynamoDB's API on a local port, data in a folder, no Java and no account.

import { createServer, type Server } from "node:http";
import type { Log } from "../shared/log.ts";
import { DatabaseStartError } from "./errors.ts";
import { createFront } from "./front.ts";
import { type Level, openLevel } from "./level.ts";
import { createStore } from "./store.ts";

export interface DatabaseOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Folder of the data; without one they live in memory. */
  readonly path?: string;
  readonly log: Log;
}

export interface Database {
  readonly host: string;
  readonly port: number;
  /** Answers what is under way, then gives up port and folder. */
  close(): Promise<void>;
}

/**
 * Starts the database. A 2xx write has been handed to the operating system: it survives `kill -9`, not a power cut. An
 * item and all its index entries become durable together.
 * Not there: transactions, TTL, streams, and changing the indexes of a table that exists.
 * @throws {DatabaseStartError} if the folder or the port cannot be had.
 */
export async function startDatabase({ path, ...options }: DatabaseOptions): Promise<Database> {
  const level = await openLevel(path);
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
  const store = await createStore(level);
  // Clients keep their connections: closing an idle one here would race with their next request.
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
  server.on("request", createFront(store, options.log));
  await listen(server, options);
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : options.port;
  const close = () =>
    new Promise<void>((resolve) => {
      const idle = setInterval(() => server.closeIdleConnections(), 20);
      server.close(() => {
        clearInterval(idle);
        resolve();
      });
    });
  return { host: options.host, port, close };
}

function listen(server: Server, { host, port }: Omit<DatabaseOptions, "path">): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "EADDRINUSE"
          ? new DatabaseStartError(
              "database_port_in_use",
              `Port ${port} of the embedded database is in use. Set DB_PORT to a free port, or stop what holds it.`,
              error,
            )
          : error,
      );
    });
    server.listen(port, host, resolve);
  });
}
