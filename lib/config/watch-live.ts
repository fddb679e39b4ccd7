// Keeps this process's settings equal to the configuration in Nacos: by a watch on a server, by a refresh when stale on Lambda, where
// it may be a parameter of AWS instead.

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { apiChoice } from "../nacos/api.ts";
import { NacosTransport } from "../nacos/transport.ts";
import { serviceLog, setLogLevel } from "../observability/log.ts";
import type { Config } from "./env.ts";
import { type KeptText, keptText } from "./kept-text.ts";
import { LiveConfig, type LiveState } from "./live-config.ts";
import { NacosConfig } from "./nacos-config.ts";
import { ParameterConfig } from "./parameter-config.ts";

export const DATA_ID = "cfmp-order";

/** Milliseconds between attempts while the registry does not answer; the transport has its own back-off. */
const AGAIN_MS = 500;
/** Shortest time between two changes, in milliseconds. */
const SETTLE_MS = 20;
const STALE_MS = 5_000;
/** Parameter Store answers 40 requests per second of an account, and each process asks for itself. */
const PARAMETER_STALE_MS = 30_000;
const REFRESH_WITHIN_MS = 1_000;

export interface LiveWatch {
  readonly state: LiveState;
  /** On Lambda: resolves when the settings are fresh, after a second at most. Undefined elsewhere, where a watch keeps them fresh. */
  readonly fresh: (() => Promise<void>) | undefined;
  close(): void;
}

let running: LiveWatch | undefined;
/** The settings with which it runs. */
let followed: Config | undefined;

/** The state of the configuration; undefined while it is not watched. */
export const liveState = (): LiveState | undefined => running?.state;

/** What a request has to await before it reads settings; undefined when nothing. */
export const settingsFresh = (): Promise<void> | undefined => running?.fresh?.();

/**
 * Starts to follow the configuration, once per process. `frozen` for AWS Lambda, where a process is frozen between requests.
 * Begins anew with other settings. Returns undefined where there is no registry, and on Lambda no parameter either.
 */
export function watchLive(config: Config, { frozen = false } = {}): LiveWatch | undefined {
  const { NACOS_SERVER: server, LIVE_CONFIG_PARAMETER: parameter = "off" } = config;
  if (followed !== config) running?.close();
  if (running === undefined && server !== undefined) {
    followed = config;
    running = begin(server, config, frozen);
  } else if (running === undefined && frozen && parameter !== "off") {
    followed = config;
    running = beginParameter(parameter, config);
  }
  return running;
}

/** On Lambda, without a registry. */
function beginParameter(name: string, config: Config): LiveWatch {
  const log = serviceLog("config");
  const settings = new LiveConfig({
    config,
    log,
    published: "parameter",
    onChange: ({ log_level }) => setLogLevel(log_level),
  });
  return {
    get state() {
      return settings.state;
    },
    fresh: staleRefresher(new ParameterConfig({ name, log }), settings, PARAMETER_STALE_MS),
    close() {
      running = undefined;
    },
  };
}

function begin(server: string, config: Config, frozen: boolean): LiveWatch {
  const log = serviceLog("config");
  const { NACOS_CA: ca, NACOS_USERNAME: username, NACOS_PASSWORD: password } = config;
  const transport = new NacosTransport({ server, ca, username, password, log });
  const source = new NacosConfig({
    transport,
    log,
    ...apiChoice(config.NACOS_API, frozen),
    namespace: config.NACOS_NAMESPACE,
    group: config.NACOS_GROUP,
    dataId: DATA_ID,
  });
  const settings = new LiveConfig({
    config,
    log,
    kept: frozen ? undefined : keptFile(server, config),
    onChange: ({ log_level }) => setLogLevel(log_level),
  });
  const ended = new AbortController();
  if (!frozen) void follow(source, settings, ended.signal);
  return {
    get state() {
      return settings.state;
    },
    fresh: frozen ? staleRefresher(source, settings) : undefined,
    close() {
      ended.abort();
      source.close();
      void transport.close();
      running = undefined;
    },
  };
}

async function follow(source: NacosConfig, settings: LiveConfig, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const text = await source.read();
      if (signal.aborted) return;
      settings.offer(text);
      await source.change(text, signal);
      await pause(SETTLE_MS, signal);
    } catch {
      // Logged by the transport; the last settings stay.
      await pause(AGAIN_MS, signal);
    }
  }
}

/** Refreshes stale settings; concurrent requests share one query, and a slow reply is used by later requests. */
function staleRefresher(
  source: Pick<NacosConfig, "read">,
  settings: LiveConfig,
  staleMs = STALE_MS,
): () => Promise<void> {
  let staleAt = Number.NEGATIVE_INFINITY;
  let refreshing: Promise<void> | undefined;
  async function refresh(): Promise<void> {
    try {
      settings.offer(await source.read());
    } catch {
      // Logged by the source; the last settings stay.
    } finally {
      staleAt = performance.now() + staleMs;
      refreshing = undefined;
    }
  }
  return async () => {
    if (performance.now() < staleAt) return;
    refreshing ??= refresh();
    await Promise.race([refreshing, sleep(REFRESH_WITHIN_MS, undefined, { ref: false })]);
  };
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal, ref: false }).catch(() => {});

function keptFile(server: string, { DATA_DIR, NACOS_NAMESPACE, NACOS_GROUP }: Config): KeptText {
  const scope = [server, NACOS_NAMESPACE, NACOS_GROUP].map(encodeURIComponent).join(",");
  return keptText(join(DATA_DIR, "config", scope, `${DATA_ID}.json`), serviceLog("config"));
}
