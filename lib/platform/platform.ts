// What the handlers of one process share: settings, tokens, database, discovery. Created at the first request.

import { type Secrets, secretsOf } from "../auth/keys.ts";
import { createTokens, type Tokens } from "../auth/tokens.ts";
import { type Config, ConfigError } from "../config/env.ts";
import { live } from "../config/live.ts";
import { perSettings } from "../config/per-settings.ts";
import { isStrong, MIN_SECRET_LENGTH } from "../config/secrets.ts";
import { serviceUrl } from "../config/service-settings.ts";
import { watchLive } from "../config/watch-live.ts";
import { type Client, createClient } from "../contract/client.ts";
import type { Contract } from "../contract/route.ts";
import { onLambda } from "../core/on-lambda.ts";
import { functionsVariable } from "../core/service-name.ts";
import { createDiscovery, type Discovery } from "../discovery/index.ts";
import { inProcessListeners } from "../discovery/peer/in-process.ts";
import { serviceLog } from "../observability/log.ts";
import { createDynamoClient, type DynamoClient } from "../storage/dynamo-client.ts";
import { dynamoTable } from "../storage/dynamo-table.ts";
import { endpointOf } from "../storage/endpoint.ts";
import { observedClient } from "../storage/observed-client.ts";
import type { Table } from "../storage/table.ts";
import { processConfig } from "./process-config.ts";

export interface Platform {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly tokens: Tokens;
  readonly database: DynamoClient;
  readonly discovery: Discovery;
  /** The table `<DB_NAME>-<name>`. */
  table(name: string): Table;
  /** A client with which `self` calls the service of `contract`. */
  client<C extends Contract>(contract: C, self: string): Client<C>;
}

/** The process's platform. @throws {ConfigError} when `SECRET_KEY` is missing or `DEBUG` is on where it must not be. */
export const platform: () => Platform = perSettings(() => createPlatform(processConfig()), retire);

/** Longer than any request takes. */
const RETIRE_AFTER_MS = 60_000;

/** Requests in progress may still use a platform that was replaced after a secret has changed. */
function retire({ discovery, database }: Platform): void {
  setTimeout(() => {
    void discovery.close();
    void database.close();
  }, RETIRE_AFTER_MS).unref();
}

/** What the names of a service's functions begin with, where it is part of this stack. */
function functionsOf(service: string): string | undefined {
  const [prefix, own] = [process.env["FUNCTION_PREFIX"], process.env[functionsVariable(service)]];
  return prefix && own ? prefix + own : undefined;
}

function createPlatform(config: Config): Platform {
  const secret = config.SECRET_KEY;
  if (secret === undefined) throw new ConfigError(["SECRET_KEY is missing"]);
  if (!config.DEBUG && !isStrong(secret)) {
    throw new ConfigError([`SECRET_KEY must have at least ${MIN_SECRET_LENGTH} characters with DEBUG=False`]);
  }
  if (!config.DEBUG && !config.SECRET_KEY_FALLBACKS.every(isStrong)) {
    throw new ConfigError([
      `SECRET_KEY_FALLBACKS must have keys of at least ${MIN_SECRET_LENGTH} characters with DEBUG=False`,
    ]);
  }
  const settings = { ...config, SECRET_KEY: secret };
  const tokens = createTokens(settings);
  const database = observedClient(createDynamoClient(endpointOf(config), { isCounted: true }));
  const frozen = onLambda();
  // Elsewhere the runtime starts it: a process that only uses a handler must not.
  if (frozen) watchLive(config, { frozen });
  const policy = () => live().discovery;
  const discovery = createDiscovery(config, serviceLog("discovery"), {
    frozen,
    policy,
    urlOf: serviceUrl,
    functionsOf: frozen ? functionsOf : undefined,
    // On Lambda nothing listens.
    inProcess: frozen ? undefined : inProcessListeners,
  });
  return {
    config,
    secrets: secretsOf(settings),
    tokens,
    database,
    discovery,
    table: (name) => dynamoTable(database, `${config.DB_NAME}-${name}`, config.OUTBOX_SHARDS),
    client: (contract, self) =>
      createClient(contract, {
        call: discovery.call,
        serviceToken: (callee) => tokens.mintService(self, callee),
      }),
  };
}
