// The runtime's side of its sidecar: starts it, restarts it when it dies, and stops it before everything else.

import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Log } from "../shared/log.ts";
import type { FromSidecar, ToSidecar } from "../sidecar/messages.ts";

const ENTRY = join(import.meta.dirname, "..", "sidecar", "main.ts");
const OWN_IMPORTS = join(import.meta.dirname, "..", "shared", "own-imports.cjs");

/**
 * A small young generation: the process idles between probes, so memory matters more than allocation speed. V8 collects it in the main
 * thread: to wake up four others for it costs more than it saves, a tenth of what the process uses. No optimizing compilers: nothing here
 * runs often enough to need one, and they are 2.4 MB of pages.
 */
const LEAN = [
  "--single-threaded",
  "--no-opt",
  "--no-maglev",
  "--max-semi-space-size=1",
  "--max-old-space-size=96",
  "--no-warnings",
];

const RESTART_MS = 200;
const STOP_MS = 8_000;

type Watch = Extract<ToSidecar, { type: "watch" }>;

export interface SidecarProcess {
  /** Sends the services to watch; a restarted sidecar gets the same message. */
  watch(message: Watch): void;
  /**
   * Resolves with true when every watched service is registered; with false after `timeoutMs` when the registry has refused
   * one or does not answer, and after `longestMs` in any case: on a busy machine the first probes can take long.
   */
  registered(timeoutMs: number, longestMs: number): Promise<boolean>;
  /** Resolves when the sidecar has deregistered everything and ended; after 8 s at most. */
  stop(): Promise<void>;
  readonly pid: number | undefined;
}

export interface SidecarSettings {
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
}

/** Forks the sidecar at once, so that it loads while the services do. */
export function startSidecar({ env, log }: SidecarSettings): SidecarProcess {
  const announced = new Set<string>();
  const lost = new Set<string>();
  let failing = false;
  let told: Watch | undefined;
  let stopping = false;
  let onChange: (() => void) | undefined;
  let child = begin();

  function begin(): ChildProcess {
    // Detached: Ctrl-C goes to the terminal's whole process group, and must not end the sidecar before the drain.
    const started = fork(ENTRY, [], {
      detached: true,
      env,
      execArgv: [...LEAN, "--require", OWN_IMPORTS],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    // The sidecar does not keep this process alive: when osls ends early, the process ends, and the sidecar with it.
    started.unref();
    started.channel?.unref();
    const bornAt = performance.now();
    started.on("message", (message: FromSidecar) => hear(message));
    started.on("error", (error) => log("error", "the sidecar does not start", { error: error.message }));
    started.once("exit", (code, signal) => {
      if (stopping) return;
      log("warn", "the sidecar ended; restarting it", { code, signal });
      const lived = performance.now() - bornAt;
      setTimeout(restart, lived < RESTART_MS * 10 ? RESTART_MS : 0);
    });
    if (told) started.send(told);
    return started;
  }

  function restart(): void {
    if (!stopping) child = begin();
  }

  function hear(message: FromSidecar): void {
    if (message.type === "log") log(message.level, message.message, message.fields);
    if (message.type === "failed") {
      const { action, service, error } = message;
      failing = true;
      log("warn", `can't ${action} ${service}; trying again every second`, { error });
    }
    if (message.type === "registered") {
      announced.add(message.service);
      if (lost.delete(message.service)) log("info", `${message.service} is registered again`);
    }
    if (message.type === "deregistered") {
      announced.delete(message.service);
      lost.add(message.service);
      log("warn", `${message.service} is no longer registered`, { reason: message.reason });
    }
    onChange?.();
  }

  return {
    watch(message) {
      told = message;
      if (child.connected) child.send(message);
    },
    async registered(timeoutMs, longestMs) {
      const all = () => told?.services.every(({ service }) => announced.has(service)) ?? false;
      const begun = performance.now();
      const over = () => all() || (failing && performance.now() - begun >= timeoutMs);
      if (all()) return true;
      const waited = Promise.withResolvers<void>();
      onChange = () => {
        if (over()) waited.resolve();
      };
      const timers = [setTimeout(onChange, timeoutMs), setTimeout(waited.resolve, longestMs)];
      await waited.promise;
      for (const timer of timers) clearTimeout(timer);
      return all();
    },
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      if (child.connected) child.send({ type: "stop" } satisfies ToSidecar);
      await ended;
      clearTimeout(timer);
    },
    get pid() {
      return child.pid;
    },
  };
}
