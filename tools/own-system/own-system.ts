// A whole system in processes of its own: runtimes of all services on free ports, on one registry and database, with data that
// are removed in the end. Its runtimes can be killed, and are started again.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { unsealed } from "../../lib/files/sealed.ts";
import { readState, stateFile } from "../../local/helper/state-file.ts";
import { cleanEnvironment, freeServicePorts, ownFolder, ownSettings } from "./settings.ts";
import { READY, READY_WITHIN_MS, ROOT, startCommand } from "./start-command.ts";

const STOP_WITHIN_MS = 30_000;
/** The helper ends some seconds after the last runtime. */
const HELPER_WITHIN_MS = 30_000;
const LOOK_MS = 50;

interface Runtime {
  readonly settings: Readonly<Record<string, string>>;
  process: ChildProcess;
}

export class OwnSystem {
  /** The settings that its runtimes share, with the ports of the first. */
  readonly settings: Readonly<Record<string, string>>;
  readonly #runtimes: readonly Runtime[];
  /** What is done where its end is not waited for. */
  readonly #abandon = (): void => this.#killAll();
  #ending = false;

  private constructor(runtimes: readonly Runtime[], settings: Readonly<Record<string, string>>) {
    this.#runtimes = runtimes;
    this.settings = settings;
    process.once("exit", this.#abandon);
  }

  /**
   * Starts it with `runtimes` processes that each run all services, and `more` settings; resolves when all are ready.
   * @throws {Error} with the output of a runtime that did not start; nothing is left running then.
   */
  static async start(runtimes: number, more: Readonly<Record<string, string>>): Promise<OwnSystem> {
    const folder = ownFolder();
    const abandoned = () => rmSync(folder, { recursive: true, force: true });
    process.once("exit", abandoned);
    const settings = { ...(await ownSettings(folder)), ...more };
    const running: Runtime[] = [];
    const system = new OwnSystem(running, settings);
    process.off("exit", abandoned);
    try {
      // The first starts the helper, which the others join.
      for (let index = 0; index < runtimes; index += 1) {
        const own = index === 0 ? settings : { ...settings, ...(await freeServicePorts()) };
        running.push({ settings: own, process: await startRuntime(own) });
      }
      return system;
    } catch (error) {
      await system.end();
      throw error;
    }
  }

  /** Base URLs of the gateways of the runtimes that run. */
  gateways(): readonly string[] {
    return this.#runtimes
      .filter(({ process: child }) => isRunning(child))
      .map(({ settings }) => `http://127.0.0.1:${settings["GATEWAY_PORT"]}`);
  }

  /** Kills one of its runtimes with -9, and starts it again at its addresses. */
  async kill(random: () => number): Promise<void> {
    const runtime = this.#runtimes[Math.floor(random() * this.#runtimes.length)];
    if (runtime === undefined) return;
    await ended(runtime.process, "SIGKILL");
    if (!this.#ending) runtime.process = await startRuntime(runtime.settings);
  }

  /** Ends all of its processes and removes its data. */
  async end(): Promise<void> {
    this.#ending = true;
    const folder = this.settings["DATA_DIR"] ?? "";
    const helper = (await readState(folder))?.pid;
    await Promise.all(this.#runtimes.map(({ process: child }) => ended(child, "SIGTERM")));
    if (helper !== undefined) await helperEnded(helper);
    rmSync(folder, { recursive: true, force: true });
    process.off("exit", this.#abandon);
  }

  /** Of a process that ends at once: no runtime nor helper is left, nor their data. */
  #killAll(): void {
    const folder = this.settings["DATA_DIR"] ?? "";
    for (const child of starting) child.kill("SIGKILL");
    for (const { process: child } of this.#runtimes) child.kill("SIGKILL");
    for (const pid of [helperIn(folder), ...processesOf(folder)]) {
      if (pid !== undefined) signalled(pid, "SIGKILL");
    }
    // What they wrote last may be written meanwhile.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

/** Pid of the helper whose data are in `folder`, read at once. */
function helperIn(folder: string): number | undefined {
  try {
    const path = stateFile(folder);
    return (
      Number(new Map(Object.entries(unsealed(path, readFileSync(path, "utf8")))).get("pid")) || undefined
    );
  } catch {
    return undefined;
  }
}

/** Pids of the processes whose data are in `folder`, where the system shows it: a helper that starts has not said yet that it is there. */
function processesOf(folder: string): readonly number[] {
  const setting = `DATA_DIR=${folder}`;
  const has = (pid: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(setting);
    } catch {
      return false;
    }
  };
  if (!existsSync("/proc")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && has(name))
    .map(Number);
}

/** Runtimes that are not ready yet. */
const starting = new Set<ChildProcess>();

async function startRuntime(settings: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const child = spawn(process.execPath, startCommand(ROOT), {
    cwd: ROOT,
    env: { ...cleanEnvironment(), ...settings },
    stdio: ["ignore", "pipe", "pipe"],
    // Ctrl-C in the terminal is for the command, which then ends this process by itself.
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = `${output}${text}`.slice(-20_000);
    });
  }
  starting.add(child);
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => {
    process.off("exit", kill);
    starting.delete(child);
  });
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!READY.test(output)) {
    if (!isRunning(child) || performance.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`The system did not start:\n${output}`);
    }
    await sleep(LOOK_MS);
  }
  starting.delete(child);
  return child;
}

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode === null && signalCode === null;

/** Resolves when `child` has ended; SIGKILL follows when `signal` takes long. */
async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (!isRunning(child)) return;
  const exit = once(child, "exit");
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
  await exit;
  clearTimeout(timer);
}

async function helperEnded(pid: number): Promise<void> {
  const deadline = performance.now() + HELPER_WITHIN_MS;
  while (signalled(pid, 0)) {
    if (performance.now() > deadline) signalled(pid, "SIGKILL");
    await sleep(LOOK_MS);
  }
}

/** False when the process is not there. */
function signalled(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
