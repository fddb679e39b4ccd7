// Starts the helper as a separate process, which may outlive the one that starts it.

import { fork } from "node:child_process";
import { closeSync, openSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { closeToOthers, FILE_MODE, makeFolder } from "../../lib/files/private-folder.ts";
import { logsUnusable } from "../shared/data-folder.ts";
import { StartUpError } from "../shared/start-up-error.ts";
import type { FirstWord, HelperSettings } from "./protocol.ts";

/** A start takes half a second of CPU, which can take long on a busy machine. */
const readyWithinMs = 60_000;
const maxLogBytes = 5 * 1024 * 1024;

/** In the project, not in a folder that other users can write to: its content is executed. */
const compileCache = fileURLToPath(new URL("../../node_modules/.cache/cfmp-order", import.meta.url));

/** Small heaps: long-lived data are outside them, in LevelDB. */
export const helperFlags = ["--max-semi-space-size=4", "--max-old-space-size=256"];

/**
 * Starts a helper for `dataDir`.
 * @returns its first message. "taken" is also possible when the other helper is ending.
 * @throws {StartUpError} if it ends without a message, or its log cannot be written.
 */
export function startHelper(
  dataDir: string,
  settings: HelperSettings,
  logDir: string,
  graceMs: number,
): Promise<FirstWord> {
  const { path, descriptor } = openLog(logDir);
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const helper = fork(main, [dataDir, String(graceMs), String(process.pid)], {
    detached: true,
    // From the second start on no TypeScript has to be compiled.
    env: { NODE_COMPILE_CACHE: compileCache, ...process.env, ...settings },
    execArgv: helperFlags,
    stdio: ["ignore", descriptor, descriptor, "ipc"],
  });
  closeSync(descriptor);
  return new Promise<FirstWord>((resolve, reject) => {
    const fail = (reason: string) =>
      reject(new StartUpError("helper_start_failed", `The helper process ${reason}. See its log: ${path}`));
    const timer = setTimeout(() => fail(`was not ready after ${readyWithinMs / 1_000} s`), readyWithinMs);
    helper.once("message", (word: FirstWord) => resolve(word));
    helper.once("error", (error) => fail(`does not start (${error.message})`));
    helper.once("exit", (code, signal) => fail(`ended at once (${signal ?? `exit code ${code}`})`));
    helper.once("message", () => clearTimeout(timer));
    helper.once("exit", () => clearTimeout(timer));
  }).finally(() => {
    if (helper.connected) helper.disconnect();
    helper.unref();
  });
}

function openLog(logDir: string): { path: string; descriptor: number } {
  const path = join(logDir, "helper.log");
  try {
    makeFolder(logDir);
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > maxLogBytes) renameSync(path, `${path}.1`);
    const descriptor = openSync(path, "a", FILE_MODE);
    closeToOthers(path, FILE_MODE);
    return { path, descriptor };
  } catch (error) {
    throw logsUnusable(path, error);
  }
}
