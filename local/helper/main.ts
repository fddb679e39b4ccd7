// The helper process: embedded database, registry and mail catcher, alive as long as a runtime holds a lease on it.
// Started by start-helper.ts: node main.ts DATA_DIR GRACE_MS STARTER_PID, with its output in a log file.

import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { openGuarded } from "../database/guarded-level.ts";
import { unusable } from "../shared/data-folder.ts";
import { serveLeases } from "./lease-server.ts";
import { log } from "./log.ts";
import type { Failure, FirstWord, Reply, Request } from "./protocol.ts";
import { ServiceFailure, ServiceSet } from "./services.ts";
import { readState, removeState, writeState } from "./state-file.ts";

const [, , dataDir = "", grace = "3000", starter = ""] = process.argv;
const endWithinMs = 5_000;
const lookAtStateEveryMs = 1_000;

// LevelDB and others make files without a mode of their own: nothing here is for other users of this machine.
process.umask(0o077);

// Ctrl-C and the end of a terminal are for the runtimes; when the last of them has gone, so does this process.
process.on("SIGINT", () => {});
process.on("SIGHUP", () => {});

// LevelDB's lock on the folder is what tells helpers apart: the kernel gives it up with the process, however that ends.
const level = await openGuarded(join(dataDir, "database"), log).catch((error: Error) => {
  const failure = failureOf(error);
  say({ state: failure.code === "database_path_locked" ? "taken" : "failed", failure });
  process.exit(1);
});
const services = new ServiceSet(dataDir, level, log);
const secret = randomBytes(24).toString("hex");
let ending = false;

const leases = await serveLeases({
  secret,
  graceMs: Number(grace),
  answer,
  // Another process takes its place as parent when it ends, maybe before this one got so far.
  awaited: () => process.ppid === Number(starter),
  onUnused: () => end("nobody uses it"),
});
await keepState().catch((error: Error) => {
  say({ state: "failed", failure: failureOf(unusable(dataDir, error)) });
  process.exit(1);
});
const watch = setInterval(() => keepState().catch(() => {}), lookAtStateEveryMs).unref();
process.on("SIGTERM", () => end("SIGTERM"));
log("info", "Started", { pid: process.pid, data: dataDir });
say({ state: "ready" });

async function answer({ wanted }: Request): Promise<Reply> {
  try {
    const running = await services.provide(wanted);
    // The next start reads compiled code; without this a process that is killed leaves nothing for it.
    setTimeout(flushCompileCache, 1_000).unref();
    return { pid: process.pid, services: running };
  } catch (error) {
    const failure = error instanceof ServiceFailure ? error.failure : failureOf(error);
    log("error", failure.message, { error: error instanceof Error ? error.stack : error });
    return { failure };
  }
}

async function end(reason: string): Promise<void> {
  if (ending) return;
  ending = true;
  log("info", "Ending", { reason });
  setTimeout(() => process.exit(1), endWithinMs).unref();
  clearInterval(watch);
  const own = (await readState(dataDir))?.secret === secret;
  if (own) await removeState(dataDir);
  leases.close();
  await services.close();
  process.exit(0);
}

/** Writes where to find this helper, unless it stands there: only the holder of the data may say so. */
async function keepState(): Promise<void> {
  if (ending || !existsSync(dataDir) || (await readState(dataDir))?.secret === secret) return;
  await writeState(dataDir, { pid: process.pid, port: leases.port, secret });
}

/** To the process that started this one; it may be gone by now. */
function say(word: FirstWord): void {
  if (process.connected) process.send?.(word, () => {});
}

function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "helper_failed";
  return { code, message };
}
