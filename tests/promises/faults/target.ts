// A system whose parts can be killed: each service in a process of its own or all in one, and the helper with registry
// and database.

import { rm } from "node:fs/promises";
import { readState } from "../../../local/helper/state-file.ts";
import { endAll, holdHelper, killHelper } from "../../support/helper.ts";
import { until } from "../../support/poll.ts";
import { commandOf } from "../../support/processes.ts";
import type { Urls } from "../../support/shop.ts";
import { ownSettings, type System, startSystem } from "../../support/system.ts";
import { type Part, SERVICE_KEYS } from "./parts.ts";

export interface Target {
  readonly urls: Urls;
  readonly mailUrl: string;
  /** Kills `part` with -9, waits until it runs again, and says what it was. */
  kill(part: Part, random: () => number): Promise<string>;
  cleanUp(): Promise<void>;
}

export interface TargetOptions {
  readonly apart: boolean;
  readonly env: Readonly<Record<string, string>>;
}

/** Starts it. */
export async function startTarget({ apart, env }: TargetOptions): Promise<Target> {
  const settings: Record<string, string> = { ...(await ownSettings()), LOG_LEVEL: "warn", ...env };
  const dataDir = settings["DATA_DIR"] ?? "";
  const holder = await holdHelper(settings);
  const running = new Map<string, System>();

  async function start(name: string): Promise<System> {
    const args = name === ALL ? [] : ["--service", name];
    const system = await startSystem({ beside: { env: settings }, args });
    running.set(name, system);
    return system;
  }

  const any = (random: () => number): [string, System] => {
    const entries = [...running];
    const drawn = entries[Math.floor(random() * entries.length)];
    if (!drawn) throw new Error("Nothing runs");
    return drawn;
  };

  async function killRuntime([name, system]: [string, System]): Promise<string> {
    await system.kill();
    await start(name);
    return `runtime (${name})`;
  }

  async function killSidecar([name, system]: [string, System]): Promise<string> {
    const sidecars = () => system.pids().filter((pid) => commandOf(pid).includes("sidecar/main.ts"));
    const old = await until(`${name} has a sidecar`, () => sidecars()[0], 30_000);
    process.kill(old, "SIGKILL");
    await until(`${name} has another sidecar`, () => sidecars().some((pid) => pid !== old), 30_000);
    return `sidecar (${name})`;
  }

  async function killBacking(part: Part): Promise<string> {
    const before = (await readState(dataDir))?.pid;
    await killHelper(dataDir);
    await until("another helper runs", async () => (await readState(dataDir))?.pid !== before, 30_000);
    await until("the database answers", () => answers(`http://127.0.0.1:${settings["DB_PORT"]}`), 30_000);
    return part;
  }

  async function cleanUp(): Promise<void> {
    await holder.release();
    await endAll(dataDir);
    await rm(dataDir, { recursive: true, force: true });
  }

  try {
    const [first] = await Promise.all((apart ? SERVICE_KEYS : [ALL]).map(start));
    if (!first) throw new Error("There is nothing to run");
    return {
      urls: first.urls,
      mailUrl: first.mailUrl,
      async kill(part, random) {
        if (part === "registry" || part === "database") return killBacking(part);
        if (part === "sidecar") return killSidecar(any(random));
        const own = running.get(part);
        return killRuntime(part !== "runtime" && own ? [part, own] : any(random));
      },
      cleanUp,
    };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

/** All services in one process. */
const ALL = "all services";

async function answers(url: string): Promise<boolean> {
  return (await fetch(url)).ok;
}
