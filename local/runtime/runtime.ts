// A local run from start to end: what is started in which order, and what must be over before the process may end.

import { flushCompileCache } from "node:module";
import { type Config, loadConfig } from "../../lib/config/env.ts";
import { setLogSink } from "../../lib/observability/log.ts";
import { VERSION } from "../../lib/version.ts";
import type { Backing } from "../backing/client.ts";
import type { Watched } from "../sidecar/messages.ts";
import { advertisedHost, exportAddresses, probeHost } from "./addresses.ts";
import { keepBacking } from "./backing-keeper.ts";
import { type BannerExtra, banner } from "./banner.ts";
import { createLocalFunctions } from "./functions.ts";
import type { Listener } from "./listeners.ts";
import { chooseServices, type LocalService } from "./local-services.ts";
import { type LogFile, openLogFile } from "./log-files.ts";
import { requireFreePorts } from "./ports.ts";
import type { CommandLine, Serverless } from "./serverless-types.ts";
import { startSidecar } from "./sidecar-process.ts";
import { type Sweep, startSweep } from "./sweep.ts";
import { openTerminal } from "./terminal.ts";

/** Longest wait for requests under way when the process is told to end, in milliseconds. */
const DRAIN_MS = 5_000;
const REGISTERED_WITHIN_MS = 10_000;

export interface Runtime {
  /** Starts all; resolves, and prints the table, when every service is healthy and registered. @throws {StartUpError} */
  start(commandLine: CommandLine): Promise<void>;
  /** Withdraws the services, lets requests under way end, and gives up what others may go on using. */
  drain(): Promise<void>;
  /** After a failed start: leaves nothing behind. */
  abandon(): Promise<void>;
}

/**
 * Begins what needs no command line: the helper process and the sidecar load while osls still does.
 * `env` must have been prepared; `config` is what it says.
 */
export function createRuntime(serverless: Serverless, config: Config, env: NodeJS.ProcessEnv): Runtime {
  const terminal = openTerminal((text) => process.stdout.write(text), config.LOG_LEVEL);
  const { log } = terminal;
  // Invocations add Lambda's variables to the environment; what is started again later must not get them.
  const sidecar = startSidecar({ env: { ...env }, log });
  const backing = keepBacking(config, log);
  const functions = createLocalFunctions(serverless.serviceDir, log);
  const files = new Map<string, LogFile>();
  let listeners: readonly Listener[] = [];
  let sweep: Sweep | undefined;
  process.on("unhandledRejection", (reason) => {
    log("error", "A promise was rejected and nobody heard", {
      error: reason instanceof Error ? reason.stack : reason,
    });
  });

  function keepLogs(local: readonly LocalService[]): void {
    for (const { name, logFile } of local) files.set(name, openLogFile(config.LOG_DIR, logFile));
    setLogSink((service, line) => {
      files.get(service)?.write(line);
      terminal.serviceLine(line);
    });
  }

  /** Settles the addresses, lets invocations through, and sees to the tables. */
  async function connect(): Promise<Config> {
    exportAddresses(env, await backing.ready);
    const connected = loadConfig(env);
    functions.open();
    const { prepareDatabase } = await import("./database.ts");
    await prepareDatabase(connected, serverless.service.resources?.Resources ?? {}, log);
    return connected;
  }

  async function listen(
    local: readonly LocalService[],
    commandLine: CommandLine,
  ): Promise<readonly Listener[]> {
    // serverless-offline and what it loads take longer than all else here, so the helper processes are begun before.
    const { startListener } = await import("./listeners.ts");
    const settings = { host: config.HOST, commandLine, functions, log };
    return Promise.all(local.map((service) => startListener(serverless, service, settings)));
  }

  async function start(commandLine: CommandLine): Promise<void> {
    const { services } = await import("../../functions/services.ts");
    const local = chooseServices(services, serverless.service.functions, config, commandLine);
    const host = advertisedHost(config);
    await requireFreePorts(
      config.HOST,
      local.map(({ port, name, portSource }) => ({ port, purpose: name, setting: portSource })),
    );
    keepLogs(local);
    const [connected, started] = await Promise.all([connect(), listen(local, commandLine)]);
    listeners = started;
    sidecar.watch({
      type: "watch",
      config: connected,
      services: local.map((service) => watched(service, host, connected, serverless)),
    });
    const registered = await sidecar.registered(REGISTERED_WITHIN_MS);
    const rows = local.map(({ name, port }) => ({
      name,
      url: `http://${probeHost(config)}:${port}`,
      registered,
    }));
    terminal.print(banner(rows, extrasOf(connected, await backing.ready), performance.now()));
    sweep = startSweep(
      local.flatMap(({ relays }) => relays),
      functions.invoke,
    );
    await functions.preload();
    // The next start reads compiled code; without this a process that is killed leaves nothing for it.
    flushCompileCache();
  }

  return {
    start,
    async abandon() {
      backing.release();
      await sidecar.stop();
      terminal.close();
    },
    async drain() {
      globalThis.cfmpOrderDraining = true;
      sweep?.stop();
      await sidecar.stop();
      await Promise.all(listeners.map((listener) => listener.stop()));
      await functions.idle(DRAIN_MS);
      backing.release();
      for (const file of files.values()) file.close();
      terminal.close();
    },
  };
}

const watched = (service: LocalService, host: string, config: Config, serverless: Serverless): Watched => ({
  service: service.name,
  probeHost: probeHost(config),
  host,
  port: service.port,
  instance: process.env["CFMP_INSTANCE"] ?? "",
  metadata: {
    version: VERSION,
    stage: serverless.service.provider.stage ?? "dev",
    routes: String(Object.keys(service.functions).length - service.relays.length),
    pid: String(process.pid),
    started_at: new Date(performance.timeOrigin).toISOString(),
  },
});

function extrasOf(config: Config, backing: Backing): readonly BannerExtra[] {
  const embedded = (part: object | undefined) => (part ? " (embedded)" : "");
  const database = config.DB_HOST === undefined ? "DynamoDB on AWS" : `${config.DB_HOST}:${config.DB_PORT}`;
  return [
    { name: "registry", value: `${config.NACOS_SERVER}${embedded(backing.registry)}` },
    { name: "database", value: `${database}${embedded(backing.database)}` },
    ...(backing.mail ? [{ name: "mail", value: backing.mail.pageUrl }] : []),
    { name: "logs", value: config.LOG_DIR },
  ];
}
