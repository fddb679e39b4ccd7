// The system under test in this process: the handlers that are deployed, each service behind a server of its own, on the
// embedded database in memory.

import { type ServiceDefinition, services } from "../../functions/services.ts";
import { urlVariable } from "../../lib/core/service-name.ts";
import type { HttpHandler } from "../../lib/http/handler.ts";
import { platform } from "../../lib/platform/platform.ts";
import { createDynamoClient } from "../../lib/storage/dynamo-client.ts";
import { type Database, startDatabase } from "../../local/database/server.ts";
import { createTables } from "../../local/runtime/create-tables.ts";
import { type HandlerServer, type ServedRoute, serveHandlers } from "./handler-server.ts";
import { handlersOf } from "./handlers.ts";
import { systemTables } from "./system-tables.ts";
import { credentialsBy, type SystemUnderTest } from "./system-under-test.ts";

const TABLES = "test";

export const SECRET_KEY = "the secret key of these tests, longer than it must be";
export const SANDBOX_SECRET = "the sandbox secret of these tests";

export interface InProcess extends SystemUnderTest {
  /** Base URL of the service with this key, such as `orders`. */
  urlOf(key: string): string;
}

/**
 * Starts everything. Handlers read their settings once, so one test file has one system: `env` is what differs from
 * `DEBUG=False` with a secret key and the sandbox provider. Nothing catches mail.
 */
export async function startInProcess(env: Readonly<Record<string, string>> = {}): Promise<InProcess> {
  const database = await startDatabase({ host: "127.0.0.1", port: 0, log: () => {} });
  await makeTables(database);
  Object.assign(process.env, {
    DEBUG: "False",
    SECRET_KEY,
    SANDBOX_SECRET,
    TOKEN_AUDIENCE: "cfmp-order",
    DB_ENGINE: "embedded",
    DB_NAME: TABLES,
    DB_HOST: database.host,
    DB_PORT: String(database.port),
    ...env,
  });
  const servers: Record<string, HandlerServer> = {};
  for (const service of services) {
    const server = await serveHandlers(await routesOf(service));
    servers[service.key] = server;
    process.env[urlVariable(service.contract.service)] = server.url;
  }
  const urlOf = (key: string) => servers[key]?.url ?? "";
  return {
    urls: { orders: urlOf("orders"), payments: urlOf("payments"), notifications: urlOf("notifications") },
    urlOf,
    sandboxSecret: SANDBOX_SECRET,
    now: Date.now,
    credentials: credentialsBy(SECRET_KEY),
    mails: async () => new Map(),
    async cleanUp() {
      await Promise.all(Object.values(servers).map((server) => server.close()));
      await platform().discovery.close();
      await platform().database.close();
      await database.close();
    },
  };
}

async function makeTables(database: Database): Promise<void> {
  const url = `http://${database.host}:${database.port}`;
  const client = createDynamoClient({
    url,
    region: "",
    accessKeyId: "",
    secretAccessKey: "",
    embedded: true,
  });
  await createTables(client, systemTables(TABLES));
  await client.close();
}

async function routesOf(service: ServiceDefinition): Promise<readonly ServedRoute[]> {
  return (await handlersOf(service)).map(({ route, module, exported }) => {
    const handler: unknown = Reflect.get(module, exported);
    if (!isHandler(handler)) throw new Error(`There is no handler of ${route.id}`);
    return { route, handler };
  });
}

const isHandler = (value: unknown): value is HttpHandler => typeof value === "function";
