// Starts the helper as a process of its own, which outlives the one that starts it.

import { fork } from "node:child_process";
import { closeSync, openSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { closeToOthers, FILE_MODE, makeFolder } from "../../lib/files/private-folder.ts";
import { logsUnusable } from "../shared/data-folder.ts";
import { StartUpError } from "../shared/start-up-error.ts";
import type { FirstWord } from "./protocol.ts";

/** Half a second of CPU, which a busy machine takes its time to give. */
const readyWithinMs = 60_000;
const maxLogBytes = 5 * 1024 * 1024;

/** In the project, not in a folder that all users of the machine share: what lies there is run. */
const compileCache = fileURLToPath(new URL("../../node_modules/.cache/cfmp-order", import.meta.url));

/** Small heaps: what the helper holds for long lives outside them, in LevelDB. */
const flags = ["--max-semi-space-size=4", "--max-old-space-size=256"];

/**
 * Starts a helper for `dataDir`.
 * @returns what it says first. "taken" may also be one that is ending.
 * @throws {StartUpError} if it ends without a word, or its log cannot be written.
 */
export function startHelper(dataDir: string, logDir: string, graceMs: number): Promise<FirstWord> {
  const { path, descriptor } = openLog(logDir);
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const helper = fork(main, [dataDir, String(graceMs), String(process.pid)], {
    detached: true,
    // From the second start on no TypeScript is compiled: 200 ms and 20 MB less.
    env: { NODE_COMPILE_CACHE: compileCache, ...process.env },
    execArgv: flags,
    stdio: ["ignore", descriptor, descriptor, "ipc"],
  });
  closeSync(descriptor);
  return new Promise<FirstWord>((resolve, reject) => {
    const fail = (reason: string) =>
      reject(
        new StartUpError("helper_start_failed", `The helper process ${reason}. Its log says why: ${path}`),
      );
    const patience = setTimeout(() => fail(`was not ready after ${readyWithinMs / 1_000} s`), readyWithinMs);
    helper.once("message", (word: FirstWord) => resolve(word));
    helper.once("error", (error) => fail(`does not start (${error.message})`));
    helper.once("exit", (code, signal) => fail(`ended at once (${signal ?? `exit code ${code}`})`));
    helper.once("message", () => clearTimeout(patience));
    helper.once("exit", () => clearTimeout(patience));
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
