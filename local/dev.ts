// `npm run dev`: the system as `npm start` runs it, started anew whenever its code or settings change.

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { watch } from "chokidar";
import { prepareEnvironment } from "./runtime/environment.ts";
import { type HelperKeeper, keepHelper } from "./runtime/helper-keeper.ts";
import { DEFAULT_STAGE, loadEnvFiles } from "./shared/env-file.ts";
import type { Log } from "./shared/log.ts";
import "./shared/output-errors.cjs";
import { print } from "./shared/print.ts";
import { startUpLine } from "./shared/start-up-error.ts";

const ROOT = join(import.meta.dirname, "..");
const STAGE = stageOf(process.argv.slice(2));
const WATCHED = ["functions", "lib", "serverless.yml", ".env", `.env.${STAGE}`];
const NOT_RUN = /\.(test\.ts|md)$/;

/** Editors write several files, or one file several times, for what is one change. */
const SETTLE_MS = 150;
/** A runtime drains within this time; one that does not is ended. */
const STOP_MS = 8_000;

// As in plugins.js: what this process and those it starts make is for their owner alone.
process.umask(0o077);

let child: ChildProcess | undefined;
let lease: HelperKeeper | undefined;
let working: Promise<void> = Promise.resolve();
let settling: NodeJS.Timeout | undefined;
let leaving = false;

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
// Ctrl-C reaches the runtime as well, which drains; a second one ends everything at once.
process.on("SIGINT", () => void leave());
process.on("SIGTERM", () => void leave());
working = start();

async function start(): Promise<void> {
  if (leaving) return;
  await holdLease();
  const osls = join(ROOT, "node_modules", "serverless", "bin", "serverless.js");
  const args = [...process.execArgv, osls, "offline", "start"];
  const started = spawn(process.execPath, [...args, ...process.argv.slice(2)], {
    cwd: ROOT,
    // Over the channel the runtime learns when this process is gone, however it ended.
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  child = started;
  started.once("exit", (code, signal) => {
    if (child === started && !leaving) say(`the system ended (${signal ?? code}); waiting for a change`);
  });
}

async function restart(): Promise<void> {
  await stop();
  await start();
}

async function stop(): Promise<void> {
  const stopping = child;
  child = undefined;
  if (!stopping || stopping.exitCode !== null || stopping.signalCode !== null) return;
  const ended = new Promise((resolve) => stopping.once("exit", resolve));
  stopping.kill("SIGTERM");
  await Promise.race([ended, sleep(STOP_MS).then(() => stopping.kill("SIGKILL"))]);
  await ended;
}

/** Keeps database and registry running between two runs. Settings may have changed, so the lease is taken anew. */
async function holdLease(): Promise<void> {
  const before = lease;
  try {
    const env = { ...process.env };
    loadEnvFiles(env, { folder: ROOT, stage: STAGE });
    lease = keepHelper(prepareEnvironment(env), log);
    await lease.ready;
    before?.release();
  } catch (error) {
    // The runtime says the same, and what to do about it.
    log("info", startUpLine(error));
  }
}

async function leave(): Promise<void> {
  if (leaving) process.exit(130);
  leaving = true;
  await working;
  await stop();
  lease?.release();
  process.exit(0);
}

/** The stage that osls will take from these arguments. */
function stageOf(args: string[]): string {
  const { stage } = parseArgs({
    args,
    options: { stage: { type: "string", short: "s" } },
    strict: false,
  }).values;
  return typeof stage === "string" ? stage : DEFAULT_STAGE;
}
