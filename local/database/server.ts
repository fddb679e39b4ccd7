// The embedded database: DynamoDB's API on a local port, data in a folder, no Java and no account.

import { createServer, type Server } from "node:http";
import type { Log } from "../log.ts";
import { DatabaseStartError } from "./errors.ts";
import { createFront } from "./front.ts";
import { openLevel } from "./level.ts";
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
export async function startDatabase(options: DatabaseOptions): Promise<Database> {
  const level = await openLevel(options.path);
  const store = await createStore(level);
  // Clients keep their connections: closing an idle one here would race with their next request.
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
  server.on("request", createFront(store, options.log));
  try {
    await listen(server, options);
  } catch (error) {
    await level.close();
    throw error;
  }
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : options.port;
  const close = async () => {
    await new Promise<void>((resolve) => {
      const idle = setInterval(() => server.closeIdleConnections(), 20);
      server.close(() => {
        clearInterval(idle);
        resolve();
      });
    });
    await level.close();
  };
  return { host: options.host, port, close };
}

function listen(server: Server, { host, port }: DatabaseOptions): Promise<void> {
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
