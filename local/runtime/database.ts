// Before services start: does the database answer, and has it all tables?

import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../lib/config/env.ts";
import { authority } from "../../lib/core/host.ts";
import { createDynamoClient, endpointOf } from "../../lib/storage/dynamo-client.ts";
import { StorageUnavailable } from "../../lib/storage/errors.ts";
import type { Log } from "../shared/log.ts";
import { StartUpError } from "../shared/start-up-error.ts";
import { createTables } from "./create-tables.ts";
import { tablesOf } from "./tables.ts";

const ANSWER_MS = 2_000;
/** The embedded database is back within seconds after it was killed, and within a minute where much else is done. */
const BACK_WITHIN_MS = 60_000;
const AGAIN_MS = 100;

/**
 * Checks the database of `config` and creates the tables it lacks. On AWS itself tables come with the stack, so
 * nothing is done there.
 * @throws {StartUpError} when nobody answers at DB_HOST, or nothing can be written.
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
    if (created.length > 0) log("info", "Created tables", { tables: created.join(" ") });
  } catch (error) {
    const { writeFailure } = client;
    if (!(error instanceof StorageUnavailable) || writeFailure === undefined) throw error;
    throw new StartUpError(
      "database_not_writable",
      `The tables cannot be made: the database writes nothing, as ${writeFailure}. Mend that, or set DATA_DIR in .env.`,
    );
  } finally {
    await client.close();
  }
}

/**
 * Does `prepare` again while it fails, for a minute: the embedded database may have been killed just now, and then the
 * runtimes that lean on it start it again at the same address. Rejects with the last failure.
 */
export async function whileStartingAgain(
  prepare: () => Promise<void>,
  withinMs = BACK_WITHIN_MS,
): Promise<void> {
  const until = performance.now() + withinMs;
  for (;;) {
    try {
      return await prepare();
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(AGAIN_MS);
    }
  }
}

function requireAnswer(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: ANSWER_MS });
    const fail = (reason: string) => {
      socket.destroy();
      reject(
        new StartUpError(
          "database_unreachable",
          `The database at ${authority(host, port)} does not answer (${reason}). ` +
            "Start it, correct DB_HOST and DB_PORT in .env, or set DB_ENGINE=embedded.",
        ),
      );
    };
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
    // This process may have been too busy starting to notice that it connected: first look at what has come in.
    socket.once("timeout", () => setImmediate(fail, "timed out"));
    socket.once("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
  });
}
