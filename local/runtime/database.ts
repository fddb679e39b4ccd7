// Prepares the database before services start: checks that it answers, and creates missing tables.

import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../lib/config/env.ts";
import { authority } from "../../lib/core/host.ts";
import { createDynamoClient } from "../../lib/storage/dynamo-client.ts";
import { endpointOf } from "../../lib/storage/endpoint.ts";
import { StorageUnavailable } from "../../lib/storage/errors.ts";
import type { Log } from "../shared/log.ts";
import { StartUpError } from "../shared/start-up-error.ts";
import { createTables } from "./create-tables.ts";
import { tablesOf } from "./tables.ts";

const ANSWER_MS = 2_000;
/** Milliseconds to wait for a database that was killed, or is busy: normally seconds, on a busy machine up to a minute. */
const BACK_WITHIN_MS = 60_000;
const AGAIN_MS = 100;

/**
 * Checks the database of `config` and creates missing tables. Does nothing for DynamoDB on AWS, where the stack creates them.
 * @throws {StartUpError} when nothing answers at DB_HOST, or the database can't be written.
 */
export async function prepareDatabase(
  config: Config,
  resources: Readonly<Record<string, unknown>>,
  log: Log,
): Promise<void> {
  if (config.DB_HOST === undefined) return;
  await requireAnswer(config.DB_HOST, config.DB_PORT);
  const client = createDynamoClient(endpointOf(config));
  try {
    const created = await createTables(client, tablesOf(resources));
    if (created.tables.length > 0) log("info", "created tables", { tables: created.tables.join(" ") });
    if (created.indexes.length > 0)
      log("info", "tables have gained indexes", { indexes: created.indexes.join(" ") });
  } catch (error) {
    const { writeFailure } = client;
    if (!(error instanceof StorageUnavailable) || writeFailure === undefined) throw error;
    throw new StartUpError(
      "database_not_writable",
      `The tables can't be created: the database can't be written, since ${writeFailure}. Repair that, or set DATA_DIR in .env.`,
    );
  } finally {
    await client.close();
  }
}

/**
 * Runs `prepare`, and repeats it for a minute while it fails. The embedded database may just have been killed, and the runtimes
 * that use it start it again at the same address. Any other is waited for while it takes connections without answering in time: it,
 * or this machine, has much to do. Rejects with the last failure.
 */
export async function whileAway(
  prepare: () => Promise<void>,
  { embedded, withinMs = BACK_WITHIN_MS }: { readonly embedded: boolean; readonly withinMs?: number },
): Promise<void> {
  const until = performance.now() + withinMs;
  for (;;) {
    try {
      return await prepare();
    } catch (error) {
      if (!(embedded || isSilent(error)) || performance.now() > until) throw error;
      await sleep(AGAIN_MS);
    }
  }
}

const isSilent = (error: unknown): boolean =>
  error instanceof StorageUnavailable && Object(error.cause).name === "TimeoutError";

function requireAnswer(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: ANSWER_MS });
    const fail = (reason: string) => {
      socket.destroy();
      reject(
        new StartUpError(
          "database_unreachable",
          `The database at ${authority(host, port)} does not answer (${reason}). ` +
            "Start it, correct DB_HOST and DB_PORT in .env, or (with npm start) set DB_ENGINE=embedded.",
        ),
      );
    };
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
    // This process may have been too busy to notice that it has connected: handle pending events first.
    socket.once("timeout", () => setImmediate(fail, "timed out"));
    socket.once("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
  });
}
