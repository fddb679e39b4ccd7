// The system under test as real processes: runtimes with their sidecars, and the helper with registry and database. Any of
// them can be killed.

import { rmSync } from "node:fs";
import * as z from "zod";
import { readState } from "../../local/helper/state-file.ts";
import { ROOT } from "../../tools/own-system/start-command.ts";
import { type HelperHolder, holdHelper } from "./helper-holder.ts";
import { until } from "./poll.ts";
import { commandOf, endProcessesWith, processesWith } from "./processes.ts";
import { kill } from "./run.ts";
import { SERVICE_KEYS, type ServiceKey, send, type Urls } from "./shop.ts";
import {
  cleanEnvironment,
  freeServicePorts,
  madeFolders,
  ownPorts,
  ownSettings,
  type System,
  startSystem,
} from "./system.ts";
import { credentialsBy, type SystemUnderTest } from "./system-under-test.ts";

/** What can be killed. `runtime` is any one; registry and database live in one process, so each takes the other along. */
export const PARTS = ["runtime", ...SERVICE_KEYS, "sidecar", "registry", "database"] as const;

export type Part = (typeof PARTS)[number];

type Settings = Readonly<Record<string, string>>;

export interface RuntimeOptions {
  /** Which services it runs; all without it. */
  readonly keys?: readonly ServiceKey[];
  /** At ports of its own, not at those of the settings. */
  readonly own?: boolean;
  /** The checkout that it runs, read at each start; this one without it. */
  readonly root?: () => string;
}

export interface RealSystemOptions {
  /** Where its data folder is made; by default among the temporary files. */
  readonly parent?: string | undefined;
  readonly env?: Settings;
  /** By default one, with all services. */
  readonly runtimes?: readonly RuntimeOptions[];
  /** Keeps the helper alive while no runtime lives, and starts it again when it dies. */
  readonly held?: boolean;
  /** Chooses instances where there are several; 0 to 1. */
  readonly random?: () => number;
  /** Settings that change: read at each start. */
  readonly changing?: () => Settings;
  /** What the services' clocks show, where that is not the time. */
  readonly clock?: () => number;
}

/** A process that runs services; after a restart it is the same runtime with another process. */
export interface Runtime {
  readonly name: string;
  readonly keys: readonly ServiceKey[];
  readonly urls: Urls;
  readonly system: System;
  sidecarPid(): number | undefined;
  /** Starts it again, at its addresses, after it has ended. */
  restart(): Promise<void>;
}

const SECRET_KEY = "a secret of the tests alone, longer than it must be";
const SANDBOX_SECRET = "the sandbox's secret";
/** A start keeps a core busy: more at once would only wait for each other. */
const STARTS_AT_ONCE = 2;

export class RealSystem implements SystemUnderTest {
  readonly runtimes: readonly Runtime[];
  readonly env: Settings;
  readonly sandboxSecret = SANDBOX_SECRET;
  readonly urls: Urls;
  readonly credentials = credentialsBy(SECRET_KEY);
  readonly now: () => number;
  readonly #holder: HelperHolder | undefined;
  /** Those that get no requests from outside. */
  readonly #out = new Set<Runtime>();

  private constructor(
    runtimes: readonly Runtime[],
    env: Settings,
    { random = Math.random, clock = Date.now }: RealSystemOptions,
    holder: HelperHolder | undefined,
  ) {
    this.runtimes = runtimes;
    this.env = env;
    this.now = clock;
    this.#holder = holder;
    const instance = (key: ServiceKey): string => {
      const running = runtimes.filter((one) => one.keys.includes(key) && !this.#out.has(one));
      return running[Math.floor(random() * running.length)]?.urls[key] ?? "";
    };
    this.urls = {
      get orders() {
        return instance("orders");
      },
      get payments() {
        return instance("payments");
      },
      get notifications() {
        return instance("notifications");
      },
    };
  }

  /** Starts it; resolves when every runtime is ready. */
  static async start(options: RealSystemOptions = {}): Promise<RealSystem> {
    const { runtimes: wanted = [{}], held = false, changing } = options;
    const own = { ...(await ownSettings(options.parent)), SECRET_KEY, SANDBOX_SECRET, LOG_LEVEL: "warn" };
    const env: Settings = { ...own, ...options.env };
    const runtimes: Runtime[] = [];
    const holder = held ? holdHelper({ ...cleanEnvironment(), ...env }) : undefined;
    try {
      await holder?.receive("ready");
      // The first starts the helper, which the others join.
      for (let index = 0; index < wanted.length; index = runtimes.length) {
        const batch = wanted.slice(index, index === 0 ? 1 : index + STARTS_AT_ONCE);
        runtimes.push(...(await Promise.all(batch.map((one) => startRuntime(one, env, changing)))));
      }
      return new RealSystem(runtimes, env, options, holder);
    } catch (error) {
      await endAll(env["DATA_DIR"] ?? "", holder);
      throw error;
    }
  }

  get dataDir(): string {
    return this.env["DATA_DIR"] ?? "";
  }

  get registryUrl(): string {
    return `http://${this.env["NACOS_SERVER"]}`;
  }

  async mails(): Promise<ReadonlyMap<string, readonly string[]>> {
    const { body } = await send("GET", `http://127.0.0.1:${this.env["MAIL_PAGE_PORT"]}/api/messages`);
    const byAddress = Map.groupBy(caught.parse(body).items, ({ to }) => to);
    return new Map([...byAddress].map(([to, mails]) => [to, mails.map(({ message_id }) => message_id)]));
  }

  /** Runs `work` while `runtime` gets no new requests from outside, as a reverse proxy does with an instance that is replaced. */
  async without(runtime: Runtime, work: () => Promise<void>): Promise<void> {
    this.#out.add(runtime);
    try {
      await work();
    } finally {
      this.#out.delete(runtime);
    }
  }

  /** Kills `part` with -9, waits until it runs again, and says what it was; `random` chooses among several. */
  async kill(part: Part, random: () => number): Promise<string> {
    if (part === "registry" || part === "database") return this.#killHelper(part);
    const running = this.runtimes.filter(({ keys }) => keys.some((key) => key === part));
    const among = running.length > 0 ? running : this.runtimes;
    const runtime = among[Math.floor(random() * among.length)];
    if (!runtime) throw new Error("Nothing runs");
    if (part === "sidecar") return killSidecar(runtime);
    await runtime.system.kill();
    await runtime.restart();
    return `runtime (${runtime.name})`;
  }

  /** The helper's pid; undefined while there is none. */
  async helperPid(): Promise<number | undefined> {
    return (await readState(this.dataDir))?.pid;
  }

  cleanUp(): Promise<void> {
    return endAll(this.dataDir, this.#holder);
  }

  async #killHelper(part: Part): Promise<string> {
    // It may just be starting again.
    const before = await until("a helper runs", () => this.helperPid());
    kill(before);
    await until("another helper runs", async () => (await this.helperPid()) !== before);
    await until(
      "the database answers",
      async () => (await fetch(`http://127.0.0.1:${this.env["DB_PORT"]}`)).ok,
    );
    return part;
  }
}

/** For commands: ends, and removes, every system that this process has started. */
export function endAllSystems(): void {
  for (const folder of madeFolders) {
    for (const pid of processesWith("DATA_DIR", folder)) kill(pid);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startRuntime(
  { keys = SERVICE_KEYS, own = false, root = () => ROOT }: RuntimeOptions,
  env: Settings,
  changing: () => Settings = () => ({}),
): Promise<Runtime> {
  const all = keys.length === SERVICE_KEYS.length;
  const at = own && !all ? await ownPorts(keys) : undefined;
  const args = at?.args ?? (all ? [] : ["--service", keys.join(",")]);
  const settings = { ...env, ...(own && all ? await freeServicePorts() : {}) };
  const start = () => startSystem({ beside: { env: settings }, args, env: changing(), root: root() });
  let system = await start();
  return {
    name: `${all ? "all services" : keys.join(", ")}${at ? ` at ${at.port}` : ""}`,
    keys,
    urls: at?.urls(system.urls) ?? system.urls,
    get system() {
      return system;
    },
    sidecarPid: () => system.pids().find((pid) => commandOf(pid).includes("sidecar/main.ts")),
    async restart() {
      system = await start();
    },
  };
}

async function killSidecar(runtime: Runtime): Promise<string> {
  const old = await until(`${runtime.name} has a sidecar`, () => runtime.sidecarPid());
  kill(old);
  const another = () => {
    const pid = runtime.sidecarPid();
    return pid !== undefined && pid !== old;
  };
  await until(`${runtime.name} has another sidecar`, another);
  return `sidecar (${runtime.name})`;
}

/** A process that keeps the helper of `settings` alive until it ends. */
async function endAll(dataDir: string, holder: HelperHolder | undefined): Promise<void> {
  holder?.signal("SIGKILL");
  await endProcessesWith("DATA_DIR", dataDir);
  rmSync(dataDir, { recursive: true, force: true });
}

const caught = z.object({ items: z.array(z.object({ to: z.string(), message_id: z.string() })) });
