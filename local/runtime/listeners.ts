// One listener per service, all in this process: the guard of local/shared/listener, and behind it serverless-offline.

import type { RequestListener } from "node:http";
import ServerlessOffline, { type HapiRequest, type HapiServer } from "serverless-offline";
import type { Config } from "../../lib/config/env.ts";
import { servedNames } from "../shared/listener/hosts.ts";
import { httpListener } from "../shared/listener/http-server.ts";
import { API_BODY_BYTES } from "../shared/listener/limits.ts";
import type { Log } from "../shared/log.ts";
import type { CommandLine, FunctionDefinition, Serverless } from "../shared/serverless-types.ts";
import { answerWithProblems } from "./edge.ts";
import type { LocalFunctions } from "./functions.ts";
import { knowingClients } from "./hang-up.ts";
import type { LocalService } from "./local-services.ts";
import { keepBodies, withBodies } from "./request-body.ts";

export interface Listener {
  /** Requests that began to arrive and have not been answered. */
  underWay(): number;
  /** From now on each reply ends its connection, so that no peer sends its next request to a closing one. */
  letGo(): void;
  /** Stops listening, and lets what is under way end, for at most 5 s. */
  stop(): Promise<void>;
}

export interface ListenerSettings {
  readonly config: Pick<Config, "HOST" | "DEBUG" | "ALLOWED_HOSTS" | "CORS_ORIGINS">;
  readonly commandLine: CommandLine;
  readonly functions: LocalFunctions;
  readonly log: Log;
}

const STOP_MS = 5_000;

/** Listens for `service`. Rejects with Node's own error (`EADDRINUSE`) when the address can't be had. */
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
  const observed = observe(server);
  const listener = httpListener(
    {
      reach: "configured",
      hosts: servedNames(config),
      origins: config.CORS_ORIGINS,
      maxBodyBytes: API_BODY_BYTES,
    },
    withBodies(knowingClients(passTo(server))),
  );
  await listener.open({ host, port: service.port });
  return {
    ...observed,
    stop: async () => {
      await listener.close(STOP_MS);
      await offline.end(true);
    },
  };
}

/**
 * serverless-offline's emulation of API Gateway, without a port of its own and without those by which it lets functions be
 * invoked: nobody here needs them, and a page in a browser could use them.
 */
async function emulate(offline: ServerlessOffline): Promise<HapiServer> {
  const inside = offline.internals();
  inside.mergeOptions();
  const { lambdas, httpApiEvents } = inside.getEvents();
  await inside.createLambda(lambdas, true);
  await withoutConsole(() => inside.createHttp(httpApiEvents, true));
  const server = inside.getApiGatewayServer();
  // Connections are the guard's.
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

function observe(server: HapiServer): Omit<Listener, "stop"> {
  const underWay = new Set<HapiRequest>();
  let leaving = false;
  server.ext("onRequest", (request, h) => {
    underWay.add(request);
    return h.continue;
  });
  server.ext("onPreResponse", ({ raw }, h) => {
    if (leaving) raw.res.setHeader("connection", "close");
    return h.continue;
  });
  // Also of a request whose client went away.
  server.events.on("response", (request) => underWay.delete(request));
  return {
    underWay: () => underWay.size,
    letGo() {
      leaving = true;
    },
  };
}

/** Schedules on the laptop are the sweep's: serverless-offline knows minutes only, and would run them per instance. */
const withoutSchedules = (definition: FunctionDefinition): FunctionDefinition => ({
  ...definition,
  events: (definition.events ?? []).filter((event) => !("schedule" in event)),
});

/**
 * The same project with some of its functions. Its `provider.environment` is for AWS; serverless-offline would write it
 * over the laptop's settings at each invocation.
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

/** serverless-offline prints a box of all routes past its own log. */
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

/** serverless-offline writes two lines per request; the services keep their own log. Its errors are kept. */
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
