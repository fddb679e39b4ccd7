// A local run from start to end: the order in which its parts are started and stopped.

import { flushCompileCache } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { type Config, loadConfig } from "../../lib/config/env.ts";
import { settingWarnings } from "../../lib/config/setting-warnings.ts";
import type { LiveWatch } from "../../lib/config/watch-live.ts";
import { authority } from "../../lib/core/host.ts";
import { REQUEST_TIMEOUT_MS } from "../../lib/core/scope.ts";
import { VERSION } from "../../lib/core/version.ts";
import { instanceId } from "../../lib/http/addressee.ts";
import { setLogSink } from "../../lib/observability/log.ts";
import { closeSpans, tracingReady } from "../../lib/observability/tracing.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { wantedGateway } from "../gateway/wanted.ts";
import type { Helper } from "../helper/client.ts";
import { wantedHelperPorts, wantsControlRoom } from "../helper/wanted.ts";
import type { Metrics } from "../metrics/start.ts";
import { wantedMetrics } from "../metrics/wanted.ts";
import { keepCompiledCode } from "../shared/compiled-code.ts";
import { releaseMemoryWhenIdle } from "../shared/idle-memory.ts";
import { requireDistinctPorts, requireFreePorts } from "../shared/ports.ts";
import type { CommandLine, Project } from "../shared/serverless-types.ts";
import type { Watched } from "../sidecar/messages.ts";
import { advertisedHost, exportAddresses, exportRegion, probeHost } from "./addresses.ts";
import { type BannerExtra, registryNote } from "./banner.ts";
import type { EarlyStart } from "./early-start.ts";
import { createLocalFunctions } from "./functions.ts";
import type { Listener } from "./listeners.ts";
import { chooseServices, type LocalService } from "./local-services.ts";
import { type LogFile, openLogFile } from "./log-files.ts";
import type { Emulate } from "./on-demand.ts";
import { untilQuiet } from "./quiet.ts";
import type { RoomReports } from "./room-reports.ts";
import { type Sweep, startSweep } from "./sweep.ts";

/** Longest wait for requests in progress when the process stops, in milliseconds: no request may take longer. */
const DRAIN_MS = REQUEST_TIMEOUT_MS + 1_000;
/** Milliseconds after which the table is printed when the registry does not answer; when it does, all registrations and lists are awaited. */
const REGISTERED_WITHIN_MS = 10_000;
const REGISTERED_AT_LONGEST_MS = 120_000;
/** Milliseconds from the table until other modules are loaded: first requests come first. */
const SETTLES_AFTER_MS = 300;
/** Milliseconds within which the first sweep begins, also beside requests that never pause. */
const SWEEPS_WITHIN_MS = 1_000;

export interface Runtime {
  /** Starts everything; resolves, and prints the table, when every service is healthy and registered. @throws {StartUpError} */
  start(commandLine: CommandLine): Promise<void>;
  /** Deregisters the services, waits for requests in progress, and releases the helper process, which others may use. */
  drain(): Promise<void>;
  /** Stops everything after a failed start. */
  abandon(): Promise<void>;
}

/**
 * A run of `project`, with the processes of `early`. `loadEmulation` loads what serves the requests that the host does not; without it
 * the host serves all.
 */
export function createRuntime(
  project: Project,
  early: EarlyStart,
  loadEmulation?: () => Promise<Emulate>,
): Runtime {
  const { config, terminal, sidecar, helper } = early;
  const { log } = terminal;
  const functions = createLocalFunctions(project.serviceDir, log);
  const files = new Map<string, LogFile>();
  let listeners: readonly Listener[] = [];
  let gateway: Gateway | undefined;
  let metrics: Metrics | undefined;
  let reports: RoomReports | undefined;
  let following: LiveWatch | undefined;
  let sweep: Sweep | undefined;
  const ending = new AbortController();
  process.on("unhandledRejection", (reason) => {
    log("error", "unhandled rejection of a promise", {
      error: reason instanceof Error ? reason.stack : reason,
    });
  });

  function keepLogs(local: readonly LocalService[]): void {
    for (const { name, logFile } of early.logFiles ? local : []) {
      files.set(name, openLogFile(config.LOG_DIR, logFile, { log }));
    }
    process.once("exit", () => {
      for (const file of files.values()) file.close();
    });
    setLogSink((service, line) => {
      files.get(service)?.write(line);
      reports?.line(line);
      terminal.serviceLine(line);
    });
  }

  /** Puts the addresses into the environment of the handlers. */
  async function settleAddresses(): Promise<Config> {
    exportAddresses(process.env, await helper.ready);
    exportRegion(process.env, project.service.provider.region);
    return loadConfig();
  }

  function sweepOf(local: readonly LocalService[], { DB_NAME }: Config): Sweep {
    const services = local.map(({ relays, tables }) => ({
      relays,
      tables: tables.map((name) => `${DB_NAME}-${name}`),
    }));
    const started = startSweep(services, { invoke: functions.invoke, announced: helper.announces });
    helper.onDue(started.due);
    return started;
  }

  async function prepareTables(connected: Config): Promise<void> {
    const { prepareDatabase, whileAway } = await import("./database.ts");
    const prepare = () => prepareDatabase(connected, project.service.resources?.Resources ?? {}, log);
    const embedded = (await helper.ready).database !== undefined;
    await whileAway(prepare, { embedded });
  }

  async function listen(
    local: readonly LocalService[],
    commandLine: CommandLine,
  ): Promise<readonly Listener[]> {
    const [{ startListener }, emulate] = await Promise.all([import("./listeners.ts"), loadEmulation?.()]);
    const settings = {
      config,
      commandLine,
      functions,
      emulate,
      log,
      instance: instanceId(),
      reachedAt: advertisedHost(config),
    };
    return Promise.all(local.map((service) => startListener(project, service, settings)));
  }

  async function prefetchLists(names: readonly string[]): Promise<void> {
    const { platform } = await import("../../lib/platform/platform.ts");
    await platform().discovery.prefetch(names, REGISTERED_WITHIN_MS);
  }

  async function showMetrics(
    port: number,
    local: readonly LocalService[],
    entrance: boolean,
  ): Promise<Metrics> {
    const [{ openMetrics }, { metricsSource }] = await Promise.all([
      import("../metrics/start.ts"),
      import("../metrics/source.ts"),
    ]);
    const measured = local.flatMap(({ name }, index) => {
      const listener = listeners[index];
      return listener === undefined ? [] : [{ name, listener }];
    });
    return openMetrics(
      port,
      config,
      metricsSource(measured, entrance ? await gatewayRoutes(config) : undefined),
      log,
    );
  }

  async function start(commandLine: CommandLine): Promise<void> {
    const { services } = await import("../../functions/services.ts");
    const { requireServiceSettings, settingNames } = await import("../../functions/settings.ts");
    requireServiceSettings(process.env);
    const { servicePorts } = await import("../../lib/config/service-settings.ts");
    const ports = servicePorts(services);
    const local = chooseServices(services, project.service.functions, ports, commandLine);
    const front = wantedGateway(config, commandLine);
    const host = advertisedHost(config);
    const own = [
      ...local.map(({ port, name, portSource }) => ({ port, purpose: name, setting: portSource })),
      ...(front ? [front] : []),
    ];
    const measured = wantedMetrics(config);
    const forMetrics = measured ? [measured] : [];
    // Checked here: the helper may use its ports already, so it can't notice a port that is set twice.
    requireDistinctPorts([...wantedHelperPorts(config), ...own, ...forMetrics]);
    await Promise.all([
      requireFreePorts(config.HOST, own),
      requireFreePorts(config.METRICS_HOST, forMetrics, "METRICS_HOST"),
    ]);
    for (const warning of settingWarnings(config, process.env, settingNames)) log("warn", warning);
    if (wantsControlRoom(config)) {
      const { RoomReports } = await import("./room-reports.ts");
      reports = new RoomReports(log, services);
    }
    keepLogs(local);
    const connecting = settleAddresses();
    await tracingReady();
    const tables = connecting.then(prepareTables);
    tables.catch(() => {});
    listeners = await listen(local, commandLine);
    const connected = await connecting;
    const embedded = await helper.ready;
    await reports?.connect({
      config: connected,
      local,
      embedded,
      listeners: () => listeners,
      gatewayPort: front?.port,
      metricsPort: measured?.port,
      room: helper.controlRoom,
    });
    // The first probes arrive while tables are created; `functions` holds them until `open`.
    sidecar.watch({
      type: "watch",
      config: connected,
      embedded: embedded.registry !== undefined,
      services: local.map((service) => watched(service, host, connected, project)),
    });
    await Promise.all([tables, functions.preload(isHealth)]);
    functions.open();
    const { watchLive } = await import("../../lib/config/watch-live.ts");
    following = watchLive(connected);
    if (measured) metrics = await showMetrics(measured.port, local, front !== undefined);
    if (front) {
      const { openGateway } = await import("../gateway/start.ts");
      gateway = await openGateway(front, () => helper.controlRoom()?.url);
    }
    const registered = await sidecar.registered(REGISTERED_WITHIN_MS, REGISTERED_AT_LONGEST_MS);
    // Their first calls would wait for these lists, and not for long: a client that calls at once would get 503.
    if (registered) await prefetchLists(services.map(({ contract }) => contract.service));
    const rows = local.map(({ name, port }) => ({
      name,
      url: `http://${authority(probeHost(config), port)}`,
      registered,
    }));
    const extras = extrasOf(connected, embedded, early.logFiles);
    const entrance = gateway
      ? [{ name: "gateway", value: `http://${authority(probeHost(config), gateway.port)}` }]
      : [];
    const room = embedded.controlRoom;
    const shown = room ? [{ name: "control room", value: `${room.url}/` }] : [];
    const page = metrics
      ? [{ name: "metrics", value: `http://${authority(config.METRICS_HOST, metrics.port)}/metrics` }]
      : [];
    terminal.ready(rows, [...entrance, ...extras, ...page, ...shown], performance.now());
    terminal.flush();
    keepCompiledCode();
    releaseMemoryWhenIdle();
    reports?.ready();
    void settle(local, connected);
  }

  /** What is not needed for being ready: the first sweep, and the modules of functions that nobody has called yet. */
  async function settle(local: readonly LocalService[], connected: Config): Promise<void> {
    const { signal } = ending;
    const relays = new Set(local.flatMap((service) => service.relays));
    await sleep(SETTLES_AFTER_MS);
    const loaded = functions.preloadCalmly((key) => relays.has(key), signal);
    await Promise.race([loaded, sleep(SWEEPS_WITHIN_MS - SETTLES_AFTER_MS)]);
    if (signal.aborted) return;
    sweep = sweepOf(local, connected);
    await functions.preloadCalmly(() => true, signal);
    // Written now, so that the next start finds compiled code even if this process is killed.
    flushCompileCache();
  }

  return {
    start,
    async abandon() {
      helper.release();
      await sidecar.stop();
    },
    async drain() {
      globalThis.cfmpOrderDraining = true;
      ending.abort();
      reports?.drain();
      sweep?.stop();
      following?.close();
      for (const listener of listeners) listener.letGo();
      await Promise.all([sidecar.stop(), gateway?.close()]);
      await untilQuiet(listeners, DRAIN_MS);
      await Promise.all(listeners.map((listener) => listener.stop()));
      await functions.idle(DRAIN_MS);
      await closeSpans();
      await metrics?.close();
      await reports?.stop();
      helper.release();
    },
  };
}

/** The gateway of this process, as its metrics name it. */
async function gatewayRoutes({ DEBUG }: Pick<Config, "DEBUG">) {
  const [{ services }, { GATEWAY }, { publicRoutes }] = await Promise.all([
    import("../../functions/services.ts"),
    import("../gateway/exchange.ts"),
    import("../gateway/routes.ts"),
  ]);
  return { name: GATEWAY, routes: publicRoutes(services, DEBUG) };
}

/** Whether a function serves `/health/`, which every service is asked first. */
const isHealth = (key: string): boolean => key.endsWith("-health");

const watched = (service: LocalService, host: string, config: Config, project: Project): Watched => ({
  service: service.name,
  probeHost: probeHost(config),
  host,
  port: service.port,
  instance: instanceId(),
  metadata: {
    version: VERSION,
    stage: project.service.provider.stage ?? "dev",
    routes: String(Object.keys(service.functions).length - service.relays.length),
    pid: String(process.pid),
    started_at: new Date(performance.timeOrigin).toISOString(),
  },
});

function extrasOf(config: Config, helper: Helper, logFiles: boolean): readonly BannerExtra[] {
  const registry = helper.registry ? ` ${registryNote(helper.registry.grpcPort)}` : "";
  const embedded = helper.database ? " (embedded)" : "";
  const database =
    config.DB_HOST === undefined ? "DynamoDB on AWS" : authority(config.DB_HOST, config.DB_PORT);
  return [
    { name: "registry", value: `${config.NACOS_SERVER ?? "none"}${registry}` },
    { name: "database", value: `${database}${embedded}` },
    ...(helper.mail ? [{ name: "mail", value: helper.mail.pageUrl }] : []),
    ...(logFiles ? [{ name: "logs", value: config.LOG_DIR }] : []),
  ];
}
