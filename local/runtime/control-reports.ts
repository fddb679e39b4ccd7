// What this runtime reports to the control room. Loaded only where there is one.

import { monitorEventLoopDelay } from "node:perf_hooks";
import { services } from "../../functions/services.ts";
import type { Config } from "../../lib/config/env.ts";
import { authority } from "../../lib/core/host.ts";
import { portVariable } from "../../lib/core/service-name.ts";
import { VERSION } from "../../lib/core/version.ts";
import { waitAtMost } from "../../lib/core/wait-at-most.ts";
import type { DescribedInstance } from "../../lib/discovery/index.ts";
import { instanceId } from "../../lib/http/addressee.ts";
import { platform } from "../../lib/platform/platform.ts";
import type { Recording } from "../control-room/recording.ts";
import type { Report } from "../control-room/report.ts";
import { type Reporter, startReporter } from "../control-room/reporter.ts";
import type { Helper } from "../helper/client.ts";
import { advertisedHost, probeHost } from "./addresses.ts";
import type { Listener } from "./listeners.ts";
import type { LocalService } from "./local-services.ts";

/** What is reported of. */
export interface ReportedRuntime {
  /** With the addresses of the helper's servers. */
  readonly config: Config;
  readonly local: readonly LocalService[];
  readonly embedded: Helper;
  /** In the order of `local`; empty until they listen. */
  readonly listeners: () => readonly Listener[];
  /** Ports of this process; undefined: off. */
  readonly gatewayPort: number | undefined;
  readonly metricsPort: number | undefined;
  readonly room: () => Helper["controlRoom"];
}

/** Each look wakes the process: 50 a second were 2.4 ms of CPU, these are 0.5. */
const LOOK_EVERY_MS = 100;
/** Reports for which a delay that was seen counts: as many looks, then, as a percentile needs, and as long as between two points of a metric. */
const COUNTED_REPORTS = 5;
const CONNECTIONS_WITHIN_MS = 500;

type Measured = Pick<Report, "memory_bytes" | "cpu" | "event_loop_p99_ms">;

/** Reports from now on. @param ready whether the start is over. */
export function reportRuntime(
  recording: Recording,
  { config, local, embedded, listeners, gatewayPort, metricsPort, room }: ReportedRuntime,
  ready: () => boolean,
): Reporter {
  const measure = measurer();
  const host = advertisedHost(config);
  const fixed = {
    instance: instanceId(),
    pid: process.pid,
    started_at: performance.timeOrigin,
    version: VERSION,
    command: {
      exec_path: process.execPath,
      exec_argv: process.execArgv,
      argv: process.argv.slice(1),
      cwd: process.cwd(),
      env: {
        HOST: config.HOST,
        ...Object.fromEntries(local.map(({ name, port }) => [portVariable(name), String(port)])),
        GATEWAY_PORT: String(gatewayPort ?? "off"),
        METRICS_PORT: String(metricsPort ?? "off"),
      },
    },
    gateway_url: gatewayPort === undefined ? null : `http://${authority(probeHost(config), gatewayPort)}`,
  };
  const report = async (): Promise<Omit<Report, "dropped" | "not_recorded" | "batch">> => {
    const running = listeners();
    const own = await Promise.all(
      local.map(async ({ name, port }, index) => ({
        name,
        url: `http://${authority(host, port)}`,
        in_flight: running[index]?.underWay() ?? 0,
        connections: await connectionsOf(running[index]),
      })),
    );
    return {
      ...fixed,
      ...measure(),
      state: stateOf(ready()),
      services: own,
      peers: running.length < local.length ? [] : await peers(),
      registry: registryOf(config, embedded),
      database: databaseOf(config, embedded),
    };
  };
  return startReporter({ recording, target: room, report });
}

function stateOf(ready: boolean): Report["state"] {
  if (globalThis.cfmpOrderDraining === true) return "draining";
  return ready ? "ok" : "starting";
}

async function connectionsOf(listener: Listener | undefined): Promise<number | null> {
  let open: number | null = null;
  const counted = listener?.connections().then(
    (count) => {
      open = count;
    },
    () => {},
  );
  if (counted !== undefined) await waitAtMost(CONNECTIONS_WITHIN_MS, counted);
  return open;
}

async function peers(): Promise<Report["peers"]> {
  const { discovery } = platform();
  const described = await Promise.all(services.map(({ contract }) => discovery.observe(contract.service)));
  return described.flatMap(({ service, instances }) =>
    instances.map((instance) => ({
      service,
      url: `http://${authority(instance.host, instance.port)}`,
      balancer: balancerOf(instance),
    })),
  );
}

function balancerOf({ enabled, healthy, ejected }: DescribedInstance): Report["peers"][number]["balancer"] {
  if (!enabled) return "disabled";
  if (!healthy) return "unhealthy";
  return ejected ? "ejected" : "available";
}

function registryOf({ NACOS_SERVER }: Config, embedded: Helper): Report["registry"] {
  if (NACOS_SERVER === undefined) return { kind: "static", address: null, ok: true };
  const kind = embedded.registry === undefined ? "nacos" : "embedded";
  return { kind, address: NACOS_SERVER, ok: platform().discovery.status() === "ok" };
}

function databaseOf({ DB_HOST, DB_PORT, DB_NAME: prefix }: Config, { database }: Helper): Report["database"] {
  if (database !== undefined)
    return { kind: "embedded", address: authority(database.host, database.port), prefix };
  return { kind: "dynamodb", address: DB_HOST === undefined ? null : authority(DB_HOST, DB_PORT), prefix };
}

/** Measures this process since the measurement before; its event loop since a few of them. */
function measurer(): () => Measured {
  const looks = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS });
  looks.enable();
  let delays: readonly number[] = [];
  let before = { at: performance.now(), usage: process.cpuUsage() };
  return () => {
    const now = { at: performance.now(), usage: process.cpuUsage() };
    const usedUs = now.usage.user + now.usage.system - before.usage.user - before.usage.system;
    const elapsedMs = Math.max(1, now.at - before.at);
    before = now;
    // What is recorded is the time between two looks, not by how much the second was late.
    if (looks.count > 0) delays = [...delays, looks.percentile(99) / 1_000_000 - LOOK_EVERY_MS];
    looks.reset();
    delays = delays.slice(-COUNTED_REPORTS);
    return {
      memory_bytes: process.memoryUsage.rss(),
      cpu: Math.round((usedUs / 1_000 / elapsedMs) * 1_000) / 1_000,
      event_loop_p99_ms: delays.length === 0 ? null : Math.max(0, Math.round(Math.max(...delays) * 10) / 10),
    };
  };
}
