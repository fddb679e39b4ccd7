// `npm run dev`: runs the system like `npm start`, and restarts it when its code or settings change.

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { watch } from "chokidar";
import { prepareEnvironment } from "./runtime/environment.ts";
import { type HelperKeeper, keepHelper } from "./runtime/helper-keeper.ts";
import { stageOf } from "./shared/command.ts";
import { endOnSignals } from "./shared/end-signals.ts";
import { loadEnvFiles } from "./shared/env-file.ts";
import type { Log } from "./shared/log.ts";
import "./shared/output-errors.cjs";
import { print } from "./shared/print.ts";
import { startUpLine } from "./shared/start-up-error.ts";

const ROOT = join(import.meta.dirname, "..");
const STAGE = stageOf(process.argv.slice(2));
const WATCHED = ["functions", "lib", "serverless.yml", ".env", `.env.${STAGE}`];
const NOT_RUN = /\.(test\.ts|md)$/;

/** Milliseconds of quiet before a restart: editors write several files, or one file several times, for one change. */
const SETTLE_MS = 150;
/** A runtime drains within this time; one that does not is ended. */
const STOP_MS = 8_000;

// As in plugins.js: files of this process and its children are accessible to their owner only.
process.umask(0o077);

let child: ChildProcess | undefined;
let lease: HelperKeeper | undefined;
let working: Promise<void> = Promise.resolve();
let settling: NodeJS.Timeout | undefined;
let stopping = false;

const say = (text: string): void => print(`dev: ${text}`);

// Only the runtime's own log is of interest; the lease is kept silently.
const log: Log = (level, message) => {
  if (level !== "info") say(message);
};

watch(WATCHED, { cwd: ROOT, ignoreInitial: true, ignored: (path) => NOT_RUN.test(path) }).on(
  "all",
  (_, path) => {
    clearTimeout(settling);
    settling = setTimeout(() => {
      say(`${path} changed, starting again`);
      working = working.then(restart);
    }, SETTLE_MS);
  },
);
// Ctrl-C reaches the runtime as well, which drains; a second Ctrl-C ends everything at once.
endOnSignals(() => void shutDown());
working = start();

async function start(): Promise<void> {
  if (stopping) return;
  await holdLease();
  const osls = join(ROOT, "node_modules", "serverless", "bin", "serverless.js");
  const first = ["-r", join(ROOT, "local", "before-osls.cjs")];
  const args = [...process.execArgv, ...first, osls, "offline", "start"];
  const started = spawn(process.execPath, [...args, ...process.argv.slice(2)], {
    cwd: ROOT,
    // By the end of this channel the runtime notices that this process has ended.
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  child = started;
  started.once("exit", (code, signal) => {
    if (child === started && !stopping) say(`the system ended (${signal ?? code}); waiting for a change`);
  });
}

async function restart(): Promise<void> {
  await stop();
  await start();
}

async function stop(): Promise<void> {
  const ending = child;
  child = undefined;
  if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
  const ended = new Promise((resolve) => ending.once("exit", resolve));
  ending.kill("SIGTERM");
  await Promise.race([ended, sleep(STOP_MS).then(() => ending.kill("SIGKILL"))]);
  await ended;
}

/** Keeps database and registry running between two runs. Takes a new lease, since settings may have changed. */
async function holdLease(): Promise<void> {
  const before = lease;
  try {
    const env = { ...process.env };
    loadEnvFiles(env, { folder: ROOT, stage: STAGE });
    lease = keepHelper(prepareEnvironment(env), log);
    await lease.ready;
    before?.release();
  } catch (error) {
    // Ignored: the runtime reports the same error, with what to do about it.
    log("info", startUpLine(error));
  }
}

async function shutDown(): Promise<void> {
  stopping = true;
  await working;
  await stop();
  lease?.release();
  process.exit(0);
}
