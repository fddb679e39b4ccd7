// One serverless-offline listener per service, all in this process.

import ServerlessOffline, { type HapiRequest, type HapiServer } from "serverless-offline";
import type { Log } from "../shared/log.ts";
import type { CommandLine, FunctionDefinition, Serverless } from "../shared/serverless-types.ts";
import { answerWithProblems } from "./edge.ts";
import type { LocalFunctions } from "./functions.ts";
import type { LocalService } from "./local-services.ts";

export interface Listener {
  /** Requests that began to arrive and have not been answered. */
  underWay(): number;
  /** From now on each reply ends its connection, so that no peer sends its next request to a closing one. */
  letGo(): void;
  /** Stops listening, and lets what is under way end, for at most 5 s. */
  stop(): Promise<void>;
}

export interface ListenerSettings {
  readonly host: string;
  readonly commandLine: CommandLine;
  readonly functions: LocalFunctions;
  readonly log: Log;
}

/** Listens for `service`, the one with that `index` in this process. The address must be free: serverless-offline ends the process when it is not. */
export async function startListener(
  serverless: Serverless,
  service: LocalService,
  index: number,
  { host, commandLine, functions, log }: ListenerSettings,
): Promise<Listener> {
  const own: Record<string, FunctionDefinition> = {};
  for (const [key, definition] of Object.entries(service.functions)) {
    own[key] = functions.add(key, withoutSchedules(structuredClone(definition)));
  }
  const offline = new ServerlessOffline(
    viewOf(serverless, own),
    {
      ...commandLine,
      host,
      httpPort: service.port,
      lambdaPort: lambdaPort(commandLine, index),
    },
    quietUtils(log),
  );
  await withoutConsole(() => offline.start());
  const server = offline.internals().getApiGatewayServer();
  answerWithProblems(server);
  return { ...observe(server), stop: () => offline.end(true) };
}

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

/** 0 takes a free port: several instances run side by side, and relays of this process are called directly. */
const lambdaPort = (commandLine: CommandLine, index: number): number =>
  commandLine["lambdaPort"] === undefined ? 0 : Number(commandLine["lambdaPort"]) + index;

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
