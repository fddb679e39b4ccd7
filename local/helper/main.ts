// The helper process: embedded database, registry and mail catcher, alive as long as a runtime holds a lease on it.
// Started by start-helper.ts: node main.ts DATA_DIR GRACE_MS STARTER_PID, with its output in a log file.

import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { callAt, nextSecond } from "../../lib/core/call-at.ts";
import { messageOf } from "../../lib/core/failure-text.ts";
import { openLevel } from "../database/open-level.ts";
import { keepCompiledCode } from "../shared/compiled-code.ts";
import { unusable } from "../shared/data-folder.ts";
import { releaseMemoryWhenIdle } from "../shared/idle-memory.ts";
import { beforeZod } from "../shared/with-zod.ts";
import { type Difference, describeDifferences, ownSettings, settingDifferences } from "./differences.ts";
import { serveLeases } from "./lease-server.ts";
import { log } from "./log.ts";
import { type Failure, type FirstWord, HELPER_ENDING, type Reply, type Request } from "./protocol.ts";
import { ServiceFailure, ServiceSet } from "./services.ts";
import { removeState, stateMark, writeState } from "./state-file.ts";

const [, , dataDir = "", grace = "3000", starter = ""] = process.argv;
const endWithinMs = 5_000;

beforeZod(() => createRequire(import.meta.url)("../shared/zod-in-english.cjs"));

// LevelDB and others make files without a mode of their own: nothing here is for other users of this machine.
process.umask(0o077);

// Signals of the terminal are for the runtimes; this process ends when the last of them has ended.
process.on("SIGINT", () => {});
process.on("SIGHUP", () => {});

// LevelDB's lock on the folder ensures that there is one helper: the kernel releases it when the process ends.
const level = await openLevel(join(dataDir, "database"), log).catch((error: Error) => {
  const failure = failureOf(error);
  say({ state: failure.code === "database_path_locked" ? "taken" : "failed", failure });
  process.exit(1);
});
const services = new ServiceSet({ dataDir, logDir: process.env["LOG_DIR"] ?? "logs" }, level, log, (due) =>
  leases.announce({ due }),
);
const settings = ownSettings(process.env);
const endingFailure: Failure = {
  code: HELPER_ENDING,
  message: "The helper process is ending. Start again.",
};
const secret = randomBytes(24).toString("hex");
let ending = false;
/** Mark of the state file that this process has written. */
let writtenState: string | undefined;

const leases = await serveLeases({
  secret,
  graceMs: Number(grace),
  answer,
  // When the starter ends, this process gets another parent, perhaps before this line runs.
  awaited: () => process.ppid === Number(starter),
  onEnded: ({ instance }) => instance !== undefined && services.instanceEnded(instance),
  used: () => services.isWatched(),
  onUnused: () => end("no runtime holds a lease"),
});
await keepState().catch((error: Error) => {
  say({ state: "failed", failure: failureOf(unusable(dataDir, error)) });
  process.exit(1);
});
let watch = keepStateLater();
process.on("SIGTERM", () => end("SIGTERM"));
releaseMemoryWhenIdle();
log("info", "started", { pid: process.pid, data: dataDir });
say({ state: "ready" });

/**
 * A runtime may not silently get other servers than its settings ask for. When no other runtime uses this helper (the last one
 * has just ended), it ends, so that another one is started with the new settings.
 */
async function answer({ wanted, settings: asked, instance }: Request, others: () => boolean): Promise<Reply> {
  try {
    if (ending) return { failure: endingFailure };
    const provided = await services.provide(wanted);
    const differences = provided.differences ?? settingDifferences(settings, asked ?? {});
    if (differences.length > 0 && !others()) {
      void end("the next runtime has other settings");
      return { failure: endingFailure };
    }
    if (provided.differences) return { failure: settingsDiffer(provided.differences) };
    if (instance !== undefined) services.instanceLives(instance, wanted.controlRoom !== undefined);
    keepCompiledCode();
    return { pid: process.pid, services: provided.services, settings, announces: true };
  } catch (error) {
    const failure = error instanceof ServiceFailure ? error.failure : failureOf(error);
    log("error", failure.message, { error: error instanceof Error ? error.stack : error });
    return { failure };
  }
}

const settingsDiffer = (differences: readonly Difference[]): Failure => ({
  code: "helper_settings_differ",
  message:
    `Another runtime uses the same DATA_DIR (${dataDir}) with ${describeDifferences(differences)}. ` +
    "Use the same settings in .env, set another DATA_DIR, or stop the other runtime first.",
});

async function end(reason: string): Promise<void> {
  if (ending) return;
  ending = true;
  log("info", "ending", { reason });
  setTimeout(() => process.exit(1), endWithinMs).unref();
  watch();
  const own = writtenState !== undefined && writtenState === stateMark(dataDir);
  if (own) await removeState(dataDir);
  leases.close();
  await services.close();
  process.exit(0);
}

/** Writes this helper's address to the state file unless it is there already. Only the process that has opened the data may do so. */
async function keepState(): Promise<void> {
  if (ending || !existsSync(dataDir)) return;
  if (writtenState !== undefined && writtenState === stateMark(dataDir)) return;
  await writeState(dataDir, { pid: process.pid, port: leases.port, secret });
  writtenState = stateMark(dataDir);
}

/** Does so once a second. @returns ends that. */
function keepStateLater(): () => void {
  const again = () => {
    keepState().catch(() => {});
    watch = keepStateLater();
  };
  return callAt(nextSecond(performance.now()), again, { keepsAlive: false });
}

/** Sends a message to the process that started this one, if it still runs. */
function say(word: FirstWord): void {
  if (process.connected) process.send?.(word, () => {});
}

function failureOf(error: unknown): Failure {
  const message = messageOf(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "helper_failed";
  return { code, message };
}
