// Systems that are compared: without a control room, with one, and with its page open.

import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { ROUTES } from "../../local/control-room/api.ts";
import type { PromisesView } from "../../local/control-room/orders/contract.ts";
import { freePorts } from "../../tests/support/free-ports.ts";
import { until } from "../../tests/support/poll.ts";
import type { System } from "../../tests/support/system.ts";
import { processesOf, startBenchSystem } from "../bench-system.ts";
import type { Processes } from "../processes.ts";

/** Those that are compared with `off`. `again`: without a control room a second time; what it differs by can't be told apart. */
export const OTHERS = ["again", "closed", "open"] as const;
export const SIDES = ["off", ...OTHERS] as const;
export type Side = (typeof SIDES)[number];
export type Other = (typeof OTHERS)[number];

export interface Running {
  readonly side: Side;
  readonly system: System;
  readonly processes: Processes;
  /** All that there was to judge when its load had ended is judged. */
  untilJudged(): Promise<unknown>;
  end(): Promise<void>;
}

const JUDGED_WITHIN_MS = 180_000;
/** Longer than until local/shared/compiled-code.ts writes what the first report, heartbeat and page have loaded. */
const CODE_IS_KEPT_MS = 15_000;

/** Starts fresh systems one after the other, does something with them, and ends them. */
export async function withSides<T>(
  browser: Browser,
  sides: readonly Side[],
  env: Readonly<Record<string, string>>,
  work: (running: readonly Running[]) => Promise<T>,
): Promise<T> {
  const running: Running[] = [];
  try {
    for (const side of sides) running.push(await start(browser, side, env));
    return await work(running);
  } finally {
    await Promise.all(running.map((one) => one.end()));
  }
}

async function start(browser: Browser, side: Side, env: Readonly<Record<string, string>>): Promise<Running> {
  if (side === "off" || side === "again") {
    const system = await startBenchSystem({ DEBUG: "True", ...env });
    return {
      side,
      system,
      processes: processesOf(system),
      untilJudged: async () => {},
      end: () => system.cleanUp(),
    };
  }
  const { system, url } = await startWatched(env);
  const page = side === "open" ? await browser.newPage({ locale: "en-GB", viewport: VIEWPORT }) : undefined;
  const end = async () => {
    try {
      await page?.close();
    } finally {
      await system.cleanUp();
    }
  };
  try {
    await page?.goto(`${url}/#/map`);
    await page?.getByText("Live", { exact: true }).waitFor();
  } catch (error) {
    await end();
    throw error;
  }
  return { side, system, processes: processesOf(system), untilJudged: () => untilJudged(url), end };
}

const VIEWPORT = { width: 1_440, height: 900 };

const untilJudged = (url: string): Promise<unknown> =>
  until("all orders are judged", async () => (await promisesAt(url)).pending === 0, JUDGED_WITHIN_MS);

async function promisesAt(url: string): Promise<PromisesView> {
  const view: PromisesView = JSON.parse(await (await fetch(`${url}${ROUTES.promises}`)).text());
  return view;
}

/** A system with a control room. */
export async function startWatched(
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly system: System; readonly url: string }> {
  const [port] = await freePorts(1);
  const system = await startBenchSystem({ DEBUG: "True", CONTROL_ROOM_PORT: String(port), ...env });
  return { system, url: `http://127.0.0.1:${port}` };
}

let rehearsed: Promise<void> | undefined;

/**
 * Runs a system, once, until its compiled code is in Node's cache (local/shared/compiled-code.ts): one that has to compile it keeps the
 * compiler in its memory.
 */
export function rehearse(): Promise<void> {
  rehearsed ??= (async () => {
    const { system } = await startWatched();
    await sleep(CODE_IS_KEPT_MS);
    await system.cleanUp();
  })();
  return rehearsed;
}
