// The real system for tests: `serverless offline start` in processes of its own, on free ports, with data of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { notifications } from "../../functions/notifications/contract.ts";
import { orders } from "../../functions/orders/contract.ts";
import { payments } from "../../functions/payments/contract.ts";
import { services } from "../../functions/services.ts";
import { settingNames } from "../../functions/settings.ts";
import { portVariable } from "../../lib/core/service-name.ts";
import { freePorts } from "./free-ports.ts";
import { until } from "./poll.ts";
import { processesWith } from "./processes.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const NODE = join(ROOT, "node_modules", ".bin", "node");
/** As `npm start` and `npm run dev` run it, without npm around it. */
const { scripts }: { readonly scripts: { readonly start: string; readonly dev: string } } = JSON.parse(
  readFileSync(join(ROOT, "package.json"), "utf8"),
);
const READY = /^Ready in ([\d.]+) s/m;

export interface SystemOptions {
  /** Settings besides free ports and a data folder, or instead of them. */
  readonly env?: Readonly<Record<string, string>>;
  /** `npm run dev` instead of `npm start`. */
  readonly dev?: boolean;
  /** Arguments after `serverless offline start`, such as `["--service", "orders"]`. */
  readonly args?: readonly string[];
  /** Where it belongs: ports, data, registry of a system that already runs. A second instance passes `--httpPort` too. */
  readonly beside?: Pick<System, "env">;
  readonly readyWithinMs?: number;
}

export interface System {
  /** Base URLs without a trailing slash: of the configured ports, whichever services this process runs. */
  readonly urls: { readonly orders: string; readonly payments: string; readonly notifications: string };
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
  /** SIGKILL to the runtime alone; the rest has to notice. */
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
  const run = await launch(options);
  const started = performance.now();
  try {
    await until(
      "the system is ready",
      () => run.child.exitCode !== null || READY.test(run.stdout()),
      options.readyWithinMs ?? 60_000,
    );
    if (run.child.exitCode !== null) throw new Error(`It ended with ${run.child.exitCode}`);
  } catch (error) {
    await run.cleanUp();
    throw new Error(`The system did not start:\n${run.stderr()}\n${run.stdout()}`, { cause: error });
  }
  const readyMs = performance.now() - started;
  const { env } = run;
  const url = (variable: string) => `http://127.0.0.1:${env[variable]}`;
  return {
    urls: {
      orders: url(portVariable(orders.service)),
      payments: url(portVariable(payments.service)),
      notifications: url(portVariable(notifications.service)),
    },
    gatewayUrl: url("GATEWAY_PORT"),
    registryUrl: `http://${env["NACOS_SERVER"]}`,
    databaseUrl: url("DB_PORT"),
    mailUrl: url("MAIL_PAGE_PORT"),
    env,
    dataDir: env["DATA_DIR"] ?? "",
    pid: run.child.pid ?? 0,
    readyMs,
    logs: () => `${run.stdout()}${run.stderr()}`,
    pids: run.pids,
    stop: async () => {
      run.child.kill("SIGTERM");
      return run.ended;
    },
    kill: async () => {
      run.child.kill("SIGKILL");
      await run.ended;
    },
    cleanUp: run.cleanUp,
  };
}

/** Starts the system and waits until it gives up; for settings with which it must not start. */
export async function failToStart(options: SystemOptions): Promise<FailedStart> {
  const run = await launch(options);
  try {
    await until("the start fails", () => run.child.exitCode !== null, options.readyWithinMs ?? 30_000);
  } catch (error) {
    await run.cleanUp();
    throw new Error(`The system started:\n${run.stdout()}`, { cause: error });
  }
  return { code: await run.ended, stdout: run.stdout(), stderr: run.stderr(), pids: run.pids };
}

async function launch({ env = {}, args = [], dev = false, beside }: SystemOptions) {
  const settings: Record<string, string> = { ...(beside?.env ?? (await ownSettings())), ...env };
  // Its processes are found by this mark, however they were started.
  const mark = randomUUID();
  const [, ...command] = scripts[dev ? "dev" : "start"].split(" ");
  const child = spawn(NODE, [...command, ...args], {
    cwd: ROOT,
    env: { ...cleanEnvironment(), ...settings, CFMP_TEST_RUN: mark },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  collect(child, output);
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  const pids = () => processesWith("CFMP_TEST_RUN", mark);
  return {
    child,
    env: settings,
    ended,
    pids,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    async cleanUp() {
      for (const pid of pids()) killQuietly(pid);
      await until("all its processes are gone", () => pids().length === 0);
      if (!beside) rmSync(settings["DATA_DIR"] ?? "", { recursive: true, force: true });
    },
  };
}

/** The data folders that {@link ownSettings} has made. */
export const madeFolders: string[] = [];

/** Settings of a system of its own: a new data folder and free ports. */
export async function ownSettings(): Promise<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), "cfmp-order-"));
  madeFolders.push(folder);
  const [database, registry, smtp, mail] = await freePorts(4);
  return {
    DATA_DIR: folder,
    LOG_DIR: join(folder, "logs"),
    DB_NAME: "test",
    ...(await freeServicePorts()),
    DB_PORT: String(database),
    NACOS_SERVER: `127.0.0.1:${registry}`,
    MAIL_SMTP_PORT: String(smtp),
    MAIL_PAGE_PORT: String(mail),
    ...realNacos(),
  };
}

/** A free port for each service, and one for the gateway, as settings. */
export async function freeServicePorts(): Promise<Record<string, string>> {
  const names = [...services.map(({ contract }) => portVariable(contract.service)), "GATEWAY_PORT"];
  const ports = await freePorts(names.length);
  return Object.fromEntries(names.map((name, index) => [name, String(ports[index])]));
}

/** Settings that `npm run test:nacos` asks for: a real server by one of its APIs, and a group of the system's own there. */
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

/** This process's environment with every setting empty, so that a .env of the developer's does not count. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const empty = Object.fromEntries(settingNames.map((name) => [name, ""]));
  return { ...process.env, NODE_OPTIONS: "", ...empty };
}

function collect(child: ChildProcess, output: { stdout: string; stderr: string }): void {
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended meanwhile.
  }
}
