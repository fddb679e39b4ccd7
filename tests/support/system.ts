// The real system for tests: `serverless offline start` in processes of its own, on free ports, with data of its own.

import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { services } from "../../functions/services.ts";
import { hostInUrl, isLoopback, parseHost } from "../../lib/core/host.ts";
import { portVariable } from "../../lib/core/service-name.ts";
import { cleanEnvironment, ownSettings as freeSettings, ownFolder } from "../../tools/own-system/settings.ts";
import { READY, READY_WITHIN_MS, ROOT, startCommand } from "../../tools/own-system/start-command.ts";
import { freePortGroup } from "./free-ports.ts";
import { holdHelper } from "./helper-holder.ts";
import { until } from "./poll.ts";
import { endProcessesWith, processesWith } from "./processes.ts";
import { begin } from "./run.ts";
import type { ServiceKey, Urls } from "./shop.ts";

export { cleanEnvironment, freeServicePorts } from "../../tools/own-system/settings.ts";

export interface SystemOptions {
  /** Settings besides free ports and a data folder, or instead of them. */
  readonly env?: Readonly<Record<string, string>>;
  /** `npm run dev` instead of `npm start`. */
  readonly dev?: boolean;
  /** Arguments after `serverless offline start`, such as `["--service", "orders"]`. */
  readonly args?: readonly string[];
  /** Where it belongs: ports, data, registry of a system that already runs, or ran. */
  readonly beside?: Pick<System, "env">;
  /** Another checkout of this repository, with its node_modules; this one without it. */
  readonly root?: string;
}

export interface System {
  /** Base URLs without a trailing slash: of the configured ports, whichever services this process runs. */
  readonly urls: Urls;
  /** Base URL of any service, by its key. */
  urlOf(key: string): string;
  /** Base URL of the gateway before them all. */
  readonly gatewayUrl: string;
  /** `http://host:port` of the embedded registry, database and mail page. */
  readonly registryUrl: string;
  readonly databaseUrl: string;
  readonly mailUrl: string;
  /** The settings it was started with. */
  readonly env: Readonly<Record<string, string>>;
  readonly dataDir: string;
  /** The runtime's own pid; signals go there. */
  readonly pid: number;
  /** Milliseconds from spawning to the line that says it is ready. */
  readonly readyMs: number;
  /** Everything written to standard output and standard error so far. */
  logs(): string;
  /** Pids of all its processes: runtime, sidecar and, if this one started it, the helper with database and registry. */
  pids(): readonly number[];
  /** SIGTERM; resolves with the exit code once the runtime ended. */
  stop(): Promise<number | null>;
  /** SIGKILL to the runtime alone; the other processes have to notice. */
  kill(): Promise<void>;
  /** Ends whatever is left, and removes the data unless they are another's (`beside`). For `afterEach`; safe to repeat. */
  cleanUp(): Promise<void>;
}

/** A start that was to fail, as a person sees it. */
export interface FailedStart {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Processes of it that are still there. */
  pids(): readonly number[];
}

/**
 * Starts the system and waits until it says that it is ready.
 * @throws {Error} with its output when it ends before, or is not ready in time; nothing is left running then.
 */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const { program, env, pids, cleanUp } = await launch(options);
  const started = performance.now();
  try {
    const ready = () => !program.running() || READY.test(program.stdout());
    await until("the system is ready", ready, READY_WITHIN_MS);
    if (!program.running()) throw new Error(`It ended with ${await program.ended}`);
  } catch (error) {
    await cleanUp();
    throw new Error(`The system did not start:\n${program.output()}`, { cause: error });
  }
  const readyMs = performance.now() - started;
  const url = (variable: string, host = "127.0.0.1") => `http://${hostInUrl(host)}:${env[variable]}`;
  // Where HOST is an address for all, it is reached at this one as well.
  const given = parseHost(env["HOST"] ?? "");
  const host = given !== undefined && isLoopback(given) ? given : undefined;
  const urlOf = (key: string) => {
    const service = services.find((one) => one.key === key);
    if (service === undefined) throw new Error(`There is no service ${key}`);
    return url(portVariable(service.contract.service), host);
  };
  return {
    urls: { orders: urlOf("orders"), payments: urlOf("payments"), notifications: urlOf("notifications") },
    urlOf,
    gatewayUrl: url("GATEWAY_PORT", host),
    registryUrl: `http://${env["NACOS_SERVER"]}`,
    databaseUrl: url("DB_PORT"),
    mailUrl: url("MAIL_PAGE_PORT"),
    env,
    dataDir: env["DATA_DIR"] ?? "",
    pid: program.pid,
    readyMs,
    logs: program.output,
    pids,
    async stop() {
      program.signal("SIGTERM");
      return program.ended;
    },
    async kill() {
      program.signal("SIGKILL");
      await program.ended;
    },
    cleanUp,
  };
}

/** Where an instance of some services listens instead of at the configured ports: at these, one after the other. */
export interface OwnPorts {
  readonly port: number;
  readonly args: readonly string[];
  /** Of the instance there, beside others with these addresses. */
  urls(others: Urls): Urls;
}

/** Free ports for an instance of the services with these keys. */
export async function ownPorts(keys: readonly ServiceKey[]): Promise<OwnPorts> {
  const port = await freePortGroup([...keys.keys()]);
  const at = (others: Urls, index: number) =>
    Object.assign(new URL(others.orders), { port: port + index }).origin;
  return {
    port,
    args: ["--service", keys.join(","), "--httpPort", String(port)],
    urls: (others) => ({
      ...others,
      ...Object.fromEntries(keys.map((key, index) => [key, at(others, index)])),
    }),
  };
}

/** Another instance of some services of `system`, at ports of its own; its `urls` name those. */
export async function startBeside(
  system: Pick<System, "env">,
  keys: readonly ServiceKey[],
  env: Readonly<Record<string, string>> = {},
): Promise<System & { readonly port: number }> {
  const { port, args, urls } = await ownPorts(keys);
  const other = await startSystem({ beside: system, args, env });
  return { ...other, port, urls: urls(other.urls) };
}

/** Starts the system and waits until it gives up; for settings with which it must not start. */
export async function failToStart(options: SystemOptions): Promise<FailedStart> {
  const { program, pids, cleanUp } = await launch(options);
  try {
    const over = () => !program.running() || READY.test(program.stdout());
    await until("the start fails", over, READY_WITHIN_MS);
    if (program.running()) throw new Error("It is ready");
  } catch (error) {
    await cleanUp();
    throw new Error(`The system started:\n${program.output()}`, { cause: error });
  }
  return { code: await program.ended, stdout: program.stdout(), stderr: program.stderr(), pids };
}

async function launch({ env = {}, args = [], dev = false, beside, root = ROOT }: SystemOptions) {
  const settings: Record<string, string> = { ...(beside?.env ?? (await ownSettings())), ...env };
  // Its processes are found by this mark, however they were started.
  const mark = randomUUID();
  const environment = { ...cleanEnvironment(), ...settings, CFMP_TEST_RUN: mark };
  const alone = !dev && process.env["TEST_HOST"] === "server";
  if (alone && !beside) await holdHelper(environment).receive("ready");
  const program = await begin(
    join(root, "node_modules", ".bin", "node"),
    [...startCommand(root, dev ? "dev" : alone ? "serve" : "start"), ...args],
    { cwd: root, env: alone ? { ...environment, ...onServer(settings) } : environment },
  );
  return {
    program,
    env: settings,
    pids: () => processesWith("CFMP_TEST_RUN", mark),
    async cleanUp() {
      await endProcessesWith("CFMP_TEST_RUN", mark);
      if (!beside) rmSync(settings["DATA_DIR"] ?? "", { recursive: true, force: true });
    },
  };
}

/** With TEST_HOST=server (npm run test:servers) the image's command runs, with what is embedded elsewhere as servers of its own. */
const onServer = ({ DEBUG, SMTP_URL, MAIL_SMTP_PORT }: Readonly<Record<string, string>>) => ({
  DEBUG: DEBUG || "True",
  DB_ENGINE: "dynamodb",
  DB_HOST: "127.0.0.1",
  EMBEDDED_REGISTRY: "off",
  SMTP_URL: SMTP_URL || `smtp://127.0.0.1:${MAIL_SMTP_PORT}`,
});

/** The data folders that {@link ownSettings} has made. */
export const madeFolders: string[] = [];

/** Settings of a system of its own, of which {@link madeFolders} has the data folder. */
export async function ownSettings(parent?: string): Promise<Record<string, string>> {
  const settings = await freeSettings(ownFolder(parent));
  madeFolders.push(settings["DATA_DIR"] ?? "");
  return { ...settings, DB_NAME: "test", ...realNacos(), ...realDynamoDb() };
}

/** Settings of `npm run test:nacos`: a real server by one of its APIs, and a group of the system's own there. */
function realNacos(): Record<string, string> {
  const { TEST_NACOS_SERVER: server, TEST_NACOS_API: api } = process.env;
  if (server === undefined || api === undefined) return {};
  return {
    NACOS_SERVER: server,
    NACOS_API: api,
    NACOS_GROUP: `test-${randomUUID().slice(0, 8)}`,
    EMBEDDED_REGISTRY: "off",
  };
}

/** Settings of the commands that have a real DynamoDB Local, at TEST_DYNAMODB: tables of the system's own there. */
function realDynamoDb(): Record<string, string> {
  const [host, port] = process.env["TEST_DYNAMODB"]?.split(":") ?? [];
  if (host === undefined || port === undefined) return {};
  const DB_NAME = `test-${randomUUID().slice(0, 8)}`;
  return { DB_ENGINE: "dynamodb", DB_HOST: host, DB_PORT: port, DB_NAME };
}
