// What the control room does to the runtimes: signals to their processes, and starting them again.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { messageOf } from "../../lib/core/failure-text.ts";
import { closeToOthers, FILE_MODE, makeFolder } from "../../lib/files/private-folder.ts";
import { Problem } from "../../lib/http/problem.ts";
import { isAlive } from "../shared/is-alive.ts";
import type { Action, ActionResult, BackendName } from "./api.ts";
import type { Collector } from "./collector.ts";
import { instanceBeside, instanceInPlace, type NewInstance } from "./new-instance.ts";
import type { Report } from "./report.ts";
import { type SlowDowns, slowDowns } from "./slow-down.ts";

/** Carries out what a page asks for. @throws {Problem} 400, 404 or 409 */
export type Actions = (asked: unknown) => Promise<ActionResult>;

export interface ActionPorts {
  readonly collector: Pick<Collector, "runtimes" | "paused" | "slowed" | "replaced">;
  readonly logDir: string;
  readonly signal?: (pid: number, signal: NodeJS.Signals) => void;
  /** Resolves with its pid. */
  readonly start?: (instance: NewInstance, logDir: string) => Promise<number>;
  readonly isAlive?: (pid: number) => boolean;
  readonly slow?: SlowDowns;
  /** Stops or starts a server of the helper process. Rejects with the reason why it can't. */
  readonly switchBackend: (name: BackendName, on: boolean) => Promise<void>;
}

const runtimeAction = z.object({
  action: z.enum(["kill", "pause", "resume", "slow", "drain", "restart", "add"]),
  runtime: z.string().max(200),
});
const backendAction = z.object({
  action: z.enum(["stop", "start"]),
  backend: z.enum(["registry", "database"]),
});
const action = z.union([runtimeAction, backendAction]);

export const ACTIONS: readonly Action["action"][] = [
  ...runtimeAction.shape.action.options,
  ...backendAction.shape.action.options,
];

/** A runtime ends within its time for requests in progress; then it is killed. */
const ENDS_WITHIN_MS = 40_000;
const LOOK_MS = 50;

export function createActions({
  collector,
  logDir,
  signal = (pid, name) => process.kill(pid, name),
  start: run = startRuntime,
  isAlive: lives = isAlive,
  slow = slowDowns(),
  switchBackend,
}: ActionPorts): Actions {
  const { runtimes } = collector;

  function sendSignal(pid: number, name: NodeJS.Signals): void {
    try {
      signal(pid, name);
    } catch (error) {
      throw new Problem(409, "signal_failed", `Process ${pid} could not be reached: ${messageOf(error)}`);
    }
  }

  const start = (instance: NewInstance): Promise<number> =>
    run(instance, logDir).catch((error: unknown) => {
      throw new Problem(409, "start_failed", `It could not be started: ${messageOf(error)}`);
    });

  /** Its successor has its place as soon as it reports: then only the system knows of it. */
  function hasEnded({ instance, pid }: Report): boolean {
    const known = runtimes.find(instance);
    return known === undefined ? !lives(pid) : known.state === "down";
  }

  const restarts = new Map<string, Promise<ActionResult>>();

  /** Whoever asks while it is under way waits for the same: two in one place would be in each other's way. */
  function restart(report: Report): Promise<ActionResult> {
    const { instance } = report;
    const underWay = restarts.get(instance);
    if (underWay !== undefined) return underWay;
    const restarted = startAgain(report).finally(() => restarts.delete(instance));
    restarts.set(instance, restarted);
    return restarted;
  }

  async function startAgain(report: Report): Promise<ActionResult> {
    const { instance, pid } = report;
    if (!hasEnded(report)) {
      sendSignal(pid, "SIGCONT");
      sendSignal(pid, "SIGTERM");
      const until = performance.now() + ENDS_WITHIN_MS;
      while (!hasEnded(report) && performance.now() < until) await sleep(LOOK_MS);
      if (!hasEnded(report)) sendSignal(pid, "SIGKILL");
    }
    const started = await start(instanceInPlace(report));
    collector.replaced(instance, started);
    return done(`It starts again as process ${started}.`, started);
  }

  async function switched(name: BackendName, on: boolean): Promise<ActionResult> {
    await switchBackend(name, on).catch((error: unknown) => {
      throw new Problem(409, "switch_failed", messageOf(error));
    });
    return done(`The ${name} was ${on ? "started" : "stopped"}.`, null);
  }

  return async (asked) => {
    const { data } = action.safeParse(asked, { jitless: true });
    if (data === undefined) throw new Problem(400, "malformed", `An action is one of ${ACTIONS.join(", ")}.`);
    if ("backend" in data) return switched(data.backend, data.action === "start");
    const known = runtimes.find(data.runtime);
    if (known === undefined) throw new Problem(404, "not_found", "This runtime is not known here.");
    const { report, state } = known;
    const { pid, instance } = report;
    if (data.action !== "slow" && data.action !== "add") {
      await slow.end(pid);
      collector.slowed(instance, false);
    }
    if (data.action === "restart") return restart(report);
    if (data.action === "add") {
      const started = await start(await instanceBeside(report));
      return done(`Another one starts as process ${started}.`, started);
    }
    // Its number may be another process's by now.
    if (state === "down") throw new Problem(409, "runtime_ended", "This runtime has ended.");
    if (data.action === "slow") {
      sendSignal(pid, "SIGCONT");
      collector.paused(instance, false);
      slow.begin(pid);
      collector.slowed(instance, true);
      return done(`Process ${pid} runs for a fifth of the time.`, pid);
    }
    if (data.action === "kill") {
      sendSignal(pid, "SIGKILL");
      return done(`Process ${pid} was killed.`, pid);
    }
    if (data.action === "drain") {
      sendSignal(pid, "SIGCONT");
      sendSignal(pid, "SIGTERM");
      return done(`Process ${pid} answers its last requests, then it ends.`, pid);
    }
    const paused = data.action === "pause";
    sendSignal(pid, paused ? "SIGSTOP" : "SIGCONT");
    collector.paused(instance, paused);
    return done(paused ? `Process ${pid} is stopped.` : `Process ${pid} goes on.`, pid);
  };
}

const done = (detail: string, pid: number | null): ActionResult => ({ done: true, detail, pid });

/**
 * Without what belongs to the process that has started the helper: one that is started here has no npm whose end is its own
 * (local/runtime/orphaned.ts), so it outlives the first runtime.
 */
const ownEnvironment = ({
  npm_lifecycle_event: ____,
  CFMP_INSTANCE: _,
  CFMP_CONTROL_ROOM: __,
  NODE_COMPILE_CACHE: ___,
  ...env
}: NodeJS.ProcessEnv): NodeJS.ProcessEnv => env;

/** Starts a runtime as it was started before, without a terminal; its output goes to a file. Resolves with its pid. */
async function startRuntime({ command, env }: NewInstance, logDir: string): Promise<number> {
  const { exec_path, exec_argv, argv, cwd } = command;
  makeFolder(logDir);
  const path = join(logDir, "restarted.log");
  const output = openSync(path, "a", FILE_MODE);
  closeToOthers(path, FILE_MODE);
  try {
    const child = spawn(exec_path, [...exec_argv, ...argv], {
      cwd,
      env: { ...ownEnvironment(process.env), ...env },
      detached: true,
      stdio: ["ignore", output, output],
    });
    child.unref();
    await once(child, "spawn");
    if (child.pid === undefined) throw new Error("It has no process.");
    return child.pid;
  } finally {
    closeSync(output);
  }
}
