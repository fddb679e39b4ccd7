// The questions of a survey, asked of the system that the settings of this shell name.

import * as z from "zod";
import { services } from "../../functions/services.ts";
import { createTokens } from "../../lib/auth/tokens.ts";
import { healthReport } from "../../lib/contract/schemas.ts";
import { authority } from "../../lib/core/host.ts";
import { portVariable, shortName } from "../../lib/core/service-name.ts";
import { createRegistry, type Registry } from "../../lib/discovery/index.ts";
import type { Log } from "../../lib/observability/log.ts";
import { outboxStanding } from "../../lib/outbox/standing.ts";
import { holdsAggregates } from "../../lib/storage/table-definition.ts";
import { ROUTES } from "../../local/control-room/api.ts";
import { probeHost } from "../../local/runtime/addresses.ts";
import { loadEnvFiles } from "../../local/shared/env-file.ts";
import { type Database, openDatabase } from "../database.ts";
import type { SurveyPorts } from "./survey.ts";

export interface OpenSurvey extends SurveyPorts {
  close(): Promise<void>;
}

const TIMEOUT_MS = 2_000;
const REGISTRY = "127.0.0.1:8848";
const GATEWAY_PORT = 8000;

/** What the registry's client has to say is shown as whether the registry answers. */
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Opens what `npm start` would use with the settings of `env`, which it does not change.
 * @throws {ConfigError} for a wrong value, {@link StartUpError} for a file that can't be read.
 */
export function openSurvey(stage: string | undefined, given: NodeJS.ProcessEnv = process.env): OpenSurvey {
  const env = { ...given };
  loadEnvFiles(env, { stage });
  env["DEBUG"] ||= "True";
  env["NACOS_SERVER"] ||= REGISTRY;
  const database = openDatabase(stage, env);
  const { config } = database;
  const registry = createRegistry(config, silent);
  const host = probeHost(config);
  return {
    services: services.map(({ contract, port }) => ({
      service: contract.service,
      configured: { host, port: Number(env[portVariable(contract.service)] || port) },
    })),
    registry: config.NACOS_SERVER ?? REGISTRY,
    database: `${database.address}${config.DB_ENGINE === "embedded" ? " (embedded)" : ""}`,
    list: (service) => registry.list(service),
    health: async (at, port) =>
      healthReport().parse(await json(`http://${authority(at, port)}/health/`, {}, [200, 503])),
    async discover(at, port, service) {
      const url = `http://${authority(at, port)}/api/orders/discover/${shortName(service)}/`;
      return discovered.parse(await json(url, await operator(config))).instances;
    },
    async databaseAnswers() {
      await database.table("orders").get("health-probe");
    },
    gateway: () => gatewayAt(env, host),
    async controlRoom() {
      const room = await controlRoom(env, host);
      await json(`${room}${ROUTES.map}`, {});
      return room;
    },
    promises: async () =>
      promisesView.parse(await json(`${await controlRoom(env, host)}${ROUTES.promises}`, {})),
    starting: async () =>
      startingView.parse(await json(`${await controlRoom(env, host)}${ROUTES.map}`, {})).starting,
    outbox: (service) => outboxStanding(tablesOf(service, database), Date.now()),
    close: () => closeAll(registry, database),
  };
}

const gatewayUrl = (env: NodeJS.ProcessEnv, host: string): string =>
  `http://${authority(host, Number(env["GATEWAY_PORT"] || GATEWAY_PORT))}`;

/** @throws {Error} where no gateway answers. */
async function gatewayAt(env: NodeJS.ProcessEnv, host: string): Promise<string> {
  const url = gatewayUrl(env, host);
  gatewaysHealth.parse(await json(`${url}/health/`, {}, [200, 503]));
  return url;
}

const gatewaysHealth = z.object({ service: z.literal("gateway") });

/**
 * Where the control room is, which listens on loopback only: as the settings say, or where the gateway sends browsers, as this
 * shell may have other settings than the one of `npm start`. @throws {Error} where there is none.
 */
async function controlRoom(env: NodeJS.ProcessEnv, host: string): Promise<string> {
  const port = env["CONTROL_ROOM_PORT"] ?? "";
  if (/^[1-9]\d*$/.test(port)) return `http://127.0.0.1:${port}`;
  const reply = await fetch(`${gatewayUrl(env, host)}/`, {
    headers: { accept: "text/html" },
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const room = reply.headers.get("location") ?? "";
  if (!/^http:\/\/127\.0\.0\.1:\d+$/.test(room)) throw new Error("The gateway knows no control room.");
  return room;
}

const startingView = z.object({ starting: z.boolean() });

const openFacts = z.object({
  orders: z.number(),
  oldest: z.object({ order_id: z.string(), what: z.string(), since: z.number() }).nullable(),
});

const promisesView = z.object({
  at: z.number(),
  promises: z.array(z.object({ promise: z.string(), checked: z.number(), violations: z.number() })),
  violations: z.array(
    z.object({ promise: z.string(), order_id: z.string(), sentence: z.string(), since: z.number() }),
  ),
  unfinished: openFacts,
  waiting: openFacts,
  settled: z.object({ fault: z.string(), at: z.number(), settled_ms: z.number().nullable() }).nullable(),
  pending: z.number(),
  orders: z.number(),
  swept_at: z.number().nullable(),
  follows_writes: z.boolean(),
  failure: z.string().nullable(),
});

const discovered = z.object({
  instances: z
    .array(
      z.object({
        host: z.string(),
        port: z.number(),
        ejected: z.boolean(),
        in_flight: z.number(),
        latency_ms: z.number().nullable(),
      }),
    )
    .default([]),
});

async function json(
  url: string,
  headers: Readonly<Record<string, string>>,
  expected: readonly number[] = [200],
): Promise<unknown> {
  const reply = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS), redirect: "error" });
  if (!expected.includes(reply.status)) throw new Error(`${url} answered ${reply.status}`);
  return reply.json();
}

/**
 * Headers of an operator. With DEBUG anybody is one, but a server has no DEBUG where npm start, whose default this shell has, would: so
 * with a token wherever there is a key. Without one nobody else can be, and the view is left out.
 */
async function operator({ SECRET_KEY, ...config }: Database["config"]): Promise<Record<string, string>> {
  if (SECRET_KEY === undefined) return {};
  const tokens = createTokens({ ...config, SECRET_KEY });
  return {
    authorization: `Bearer ${await tokens.mintUser({ sub: "npm run status", scope: "operate" }, 60)}`,
  };
}

function tablesOf(service: string, database: Database) {
  const definition = services.find(({ contract }) => contract.service === service);
  return (definition?.tables ?? []).filter(holdsAggregates).map(({ name }) => database.table(name));
}

async function closeAll(registry: Registry, database: Database): Promise<void> {
  await Promise.allSettled([registry.close(), database.close()]);
}
