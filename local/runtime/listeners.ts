// One listener per service, all in this process: the guard of local/shared/listener, and behind it serverless-offline.

import type { RequestListener } from "node:http";
import ServerlessOffline, { type HapiServer } from "serverless-offline";
import type { Config } from "../../lib/config/env.ts";
import { servedNames } from "../shared/listener/hosts.ts";
import { httpListener } from "../shared/listener/http-server.ts";
import { API_BODY_BYTES } from "../shared/listener/limits.ts";
import type { Log } from "../shared/log.ts";
import type { CommandLine, FunctionDefinition, Serverless } from "../shared/serverless-types.ts";
import { answerWithProblems } from "./edge.ts";
import { keepBodies, withExchange } from "./exchange.ts";
import type { LocalFunctions } from "./functions.ts";
import type { LocalService } from "./local-services.ts";

export interface Listener {
  /** Number of requests that have begun to arrive and are not answered yet. */
  underWay(): number;
  /** From now on each reply closes its connection, so that no peer sends a request to a listener that is stopping. */
  letGo(): void;
  /** Stops listening, and waits for requests in progress, at most 5 s. */
  stop(): Promise<void>;
}

export interface ListenerSettings {
  readonly config: Pick<Config, "HOST" | "DEBUG" | "ALLOWED_HOSTS" | "CORS_ORIGINS">;
  readonly commandLine: CommandLine;
  readonly functions: LocalFunctions;
  readonly log: Log;
}

const STOP_MS = 5_000;

/** Listens for `service`. Rejects with Node's own error (`EADDRINUSE`) when the address can't be used. */
export async function startListener(
  serverless: Serverless,
  service: LocalService,
  { config, commandLine, functions, log }: ListenerSettings,
): Promise<Listener> {
  const own: Record<string, FunctionDefinition> = {};
  for (const [key, definition] of Object.entries(service.functions)) {
    own[key] = functions.add(key, withoutSchedules(structuredClone(definition)));
  }
  const { HOST: host } = config;
  const options = { ...commandLine, host, httpPort: service.port };
  const offline = new ServerlessOffline(viewOf(serverless, own), options, quietUtils(log));
  const server = await emulate(offline);
  answerWithProblems(server);
  keepBodies(server);
  const listener = httpListener(
    {
      reach: "configured",
      hosts: servedNames(config),
      origins: config.CORS_ORIGINS,
      maxBodyBytes: API_BODY_BYTES,
    },
    withExchange(passTo(server)),
  );
  await listener.open({ host, port: service.port });
  return {
    underWay: listener.underWay,
    letGo: listener.letGo,
    stop: async () => {
      await listener.close(STOP_MS);
      await offline.end(true);
    },
  };
}

/**
 * serverless-offline's emulation of API Gateway, without its own HTTP port and without the ports by which functions can be
 * invoked: they are not needed, and a page in a browser could use them.
 */
async function emulate(offline: ServerlessOffline): Promise<HapiServer> {
  const inside = offline.internals();
  inside.mergeOptions();
  const { lambdas, httpApiEvents } = inside.getEvents();
  await inside.createLambda(lambdas, true);
  await withoutConsole(() => inside.createHttp(httpApiEvents, true));
  const server = inside.getApiGatewayServer();
  // The guard handles connections.
  server.settings.autoListen = false;
  server.settings.operations.cleanStop = false;
  await server.start();
  return server;
}

/** serverless-offline would let pages of every origin in. Which ones may, the guard has settled; handlers see the header still. */
const passTo =
  (server: HapiServer): RequestListener =>
  (request, response) => {
    delete request.headers.origin;
    server.listener.emit("request", request, response);
  };

/** The local runtime has its own sweep: schedules of serverless-offline have a resolution of minutes and run in every instance. */
const withoutSchedules = (definition: FunctionDefinition): FunctionDefinition => ({
  ...definition,
  events: (definition.events ?? []).filter((event) => !("schedule" in event)),
});

/**
 * The same project with some of its functions, and without its `provider.environment`, which is for AWS: serverless-offline
 * would overwrite the local settings with it at each invocation.
 */
function viewOf(serverless: Serverless, functions: Readonly<Record<string, FunctionDefinition>>): object {
  const service: object = Object.create(serverless.service, {
    functions: { value: functions, enumerable: true },
    provider: { value: { ...serverless.service.provider, environment: {} }, enumerable: true },
  });
  return Object.create(serverless, { service: { value: service, enumerable: true } });
}

let silenced = 0;
const consoleLog = console.log;

/** Runs `work` without `console.log`: serverless-offline prints a box of all routes that bypasses its own log. */
async function withoutConsole(work: () => Promise<void>): Promise<void> {
  silenced += 1;
  console.log = () => {};
  try {
    await work();
  } finally {
    silenced -= 1;
    if (silenced === 0) console.log = consoleLog;
  }
}

/** Drops serverless-offline's two lines per request, since services write their own log. Its errors are logged. */
function quietUtils(log: Log): object {
  const silent = () => {};
  return {
    log: {
      debug: silent,
      verbose: silent,
      info: silent,
      notice: silent,
      warning: silent,
      error: (...parts: readonly unknown[]) => {
        log("error", parts.map((part) => (part instanceof Error ? part.stack : String(part))).join(" "));
      },
    },
    progress: {
      get: () => ({ update: silent, notice: silent, remove: silent }),
      notice: silent,
      remove: silent,
    },
  };
}
