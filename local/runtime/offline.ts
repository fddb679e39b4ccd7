// serverless-offline's emulation of API Gateway and Lambda: answers what the host does not.

import { AsyncLocalStorage } from "node:async_hooks";
import type { RequestListener } from "node:http";
import ServerlessOffline, { type HapiServer } from "serverless-offline";
import type { Log } from "../shared/log.ts";
import type { CommandLine, FunctionDefinition, Project } from "../shared/serverless-types.ts";
import { answerWithProblems } from "./edge.ts";
import { keepBodies, withExchange } from "./exchange.ts";

export interface Offline {
  /** Answers a request that a listener's guard has admitted. */
  readonly answer: RequestListener;
  end(): Promise<void>;
}

/**
 * Makes an emulation of `functions`, whose handlers are entries of `handlers/table.ts`; returns what starts it. It takes methods and
 * paths out of their events. `commandLine` are its options; it does not listen itself. From this call on `log` gets the errors of
 * every instance of serverless-offline, also of the one that osls has made, and the rest of their talk is dropped.
 */
export function offlineEmulation(
  serverless: Project,
  functions: Readonly<Record<string, FunctionDefinition>>,
  commandLine: CommandLine,
  log: Log,
): () => Promise<Offline> {
  const offline = new ServerlessOffline(viewOf(serverless, functions), commandLine, quietUtils(log));
  return async () => {
    const server = await emulate(offline);
    answerWithProblems(server);
    keepBodies(server);
    return { answer: withExchange(passTo(server)), end: () => offline.end(true) };
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

/**
 * The same project with some of its functions, and without its `provider.environment`, which is for AWS: serverless-offline
 * would overwrite the local settings with it at each invocation.
 */
function viewOf(serverless: Project, functions: Readonly<Record<string, FunctionDefinition>>): object {
  const service: object = Object.create(serverless.service, {
    functions: { value: functions, enumerable: true },
    provider: { value: { ...serverless.service.provider, environment: {} }, enumerable: true },
  });
  return Object.create(serverless, { service: { value: service, enumerable: true } });
}

const silent = new AsyncLocalStorage<boolean>();
const consoleLog = console.log;
let silenced = 0;

/**
 * Runs `work` without its `console.log`: serverless-offline prints a box of all routes that bypasses its own log. What functions
 * write meanwhile is shown.
 */
async function withoutConsole(work: () => Promise<void>): Promise<void> {
  silenced += 1;
  console.log = (...parts: readonly unknown[]) => {
    if (silent.getStore() !== true) consoleLog(...parts);
  };
  try {
    await silent.run(true, work);
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
