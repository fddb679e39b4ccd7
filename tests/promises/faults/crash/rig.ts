// A system whose runtime and helper can be told where to crash, with one user's view of it.

import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createTokens } from "../../../../lib/auth/tokens.ts";
import { readState } from "../../../../local/helper/state-file.ts";
import { freePorts } from "../../../support/free-ports.ts";
import { endAll, holdHelper } from "../../../support/helper.ts";
import { until } from "../../../support/poll.ts";
import { isAlive } from "../../../support/processes.ts";
import { send } from "../../../support/shop.ts";
import { ownSettings, type System, startSystem } from "../../../support/system.ts";
import { type Deal, type Driver, driver, newDeal } from "../../deal.ts";
import type { Point } from "./passages.ts";

/** Which process crashes: the runtime with the services, or the helper with the embedded database. */
export const ROLES = ["runtime", "database"] as const;

export type Role = (typeof ROLES)[number];

export interface Rig {
  readonly system: System;
  readonly drive: Driver;
  /** A deal with a seller, whose buyer has an address. */
  deal(label: string): Promise<Deal>;
  /** Forgets what was passed, and lets the process of `role` crash at `point` (undefined: nowhere). */
  arm(role: Role, point: Point | undefined): Promise<void>;
  /** How often each passage came since the last {@link arm}. */
  counts(role: Role): Promise<Readonly<Record<string, number>>>;
  /** Resolves when no port was called for a moment. */
  quiet(): Promise<void>;
  /** True once the process of `role` that was armed is gone. */
  crashed(): boolean;
  /** Starts again what has crashed; resolves when it is ready. */
  restart(): Promise<void>;
  /** Sets the services' clock forward. */
  advance(ms: number): Promise<void>;
  /** While true, no hint arrives: everything waits for a sweep. */
  loseHints(lost: boolean): Promise<void>;
  /** Lets all relays look for what is due. */
  sweep(): Promise<void>;
  cleanUp(): Promise<void>;
}

const SECRET_KEY = "a secret of the crash-point suite alone";
const SANDBOX_SECRET = "crash-points";
const IDLE_MS = 250;
const DAY_S = 86_400;

/** Starts it, with settings besides its own. */
export async function startRig(given: Readonly<Record<string, string>> = {}): Promise<Rig> {
  const [runtimePort, helperPort] = await freePorts(2);
  const settings: Record<string, string> = {
    ...(await ownSettings()),
    SECRET_KEY,
    SANDBOX_SECRET,
    LOG_LEVEL: "warn",
    ...given,
    NODE_OPTIONS: `--import ${join(import.meta.dirname, "preload.ts")} --no-warnings`,
    CRASH_CONTROL: `${runtimePort},${helperPort}`,
  };
  const dataDir = settings["DATA_DIR"] ?? "";
  const ports = { runtime: runtimePort, database: helperPort };
  const tokens = createTokens({ SECRET_KEY, TOKEN_AUDIENCE: "cfmp-order" });
  const holder = await holdHelper(settings);
  let system: System | undefined;
  let ahead = 0;
  let armed: number | undefined;

  const ask = async (role: Role, path: string) =>
    (await send("POST", `http://127.0.0.1:${ports[role]}${path}`)).body;
  /** Asks until there is an answer: what was killed may just be starting again. */
  const control = (role: Role, path: string) =>
    until(`the ${role} takes ${path}`, () => ask(role, path), 30_000);

  async function start(): Promise<System> {
    system = await startSystem({ beside: { env: settings }, env: { CRASH_CLOCK_MS: String(ahead) } });
    return system;
  }

  async function cleanUp(): Promise<void> {
    await holder.release();
    await endAll(dataDir);
    await rm(dataDir, { recursive: true, force: true });
  }

  try {
    const { urls } = await start();
    return {
      get system() {
        if (!system) throw new Error("It has not started");
        return system;
      },
      drive: driver({ urls, secret: SANDBOX_SECRET, now: () => Date.now() + ahead, withinMs: 60_000 }),
      async deal(label) {
        const user = randomUUID();
        const email = `${user}@shop.example`;
        const token = await tokens.mintUser({ sub: user, email }, DAY_S);
        const credentials = { authorization: `Bearer ${token}` };
        return newDeal(urls, { label, sold: true, mailed: { user, email, credentials } });
      },
      async arm(role, point) {
        await control(role, point === undefined ? "/arm" : `/arm?point=${encodeURIComponent(point)}`);
        armed = role === "runtime" ? system?.pid : (await readState(dataDir))?.pid;
      },
      counts: async (role) => (await control(role, "/passed")).counts,
      async quiet() {
        await until(
          "the system is quiet",
          async () => (await ask("runtime", "/passed")).idleMs > IDLE_MS,
          30_000,
        );
      },
      crashed: () => armed !== undefined && !isAlive(armed),
      async restart() {
        if (armed === system?.pid) await start();
        else await control("database", "/passed");
        armed = undefined;
      },
      async advance(ms) {
        ahead += ms;
        await control("runtime", `/advance?ms=${ms}`);
      },
      loseHints: (lost) => control("runtime", `/hints?lost=${lost}`),
      sweep: () => ask("runtime", "/sweep"),
      cleanUp,
    };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}
