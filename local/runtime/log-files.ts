// One log file per service, rotated; lines are gathered for a moment, so that a request costs no system call.

import { appendFileSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { StartUpError } from "../shared/start-up-error.ts";

const FLUSH_MS = 100;
const MAX_BYTES = 10 * 1024 * 1024;
/** Older files: `order-service.log.1` to `.3`. */
const KEPT = 3;

export interface LogFile {
  /** Adds a line; it is on disk some 100 ms later. */
  write(line: string): void;
  /** Writes what is left, at the end of the process. */
  close(): void;
}

/** @throws {StartUpError} when the folder cannot be written. */
export function openLogFile(folder: string, name: string, maxBytes = MAX_BYTES): LogFile {
  const path = join(folder, name);
  try {
    mkdirSync(folder, { recursive: true });
    appendFileSync(path, "");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartUpError("log_folder_unusable", `Logs cannot be written (${reason}). Set LOG_DIR in .env.`);
  }
  let size = statSync(path).size;
  let waiting: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  function take(): string {
    const text = waiting.join("");
    waiting = [];
    timer = undefined;
    return text;
  }

  function makeRoom(text: string): void {
    size += Buffer.byteLength(text);
    if (size <= maxBytes) return;
    rotate(path);
    size = Buffer.byteLength(text);
  }

  async function flush(): Promise<void> {
    const text = take();
    if (text === "") return;
    makeRoom(text);
    await appendFile(path, text);
  }

  return {
    write(line) {
      waiting.push(line.endsWith("\n") ? line : `${line}\n`);
      timer ??= setTimeout(() => {
        // A full disk must not end the service; the lines are lost then.
        writing = writing.then(flush).catch(() => {});
      }, FLUSH_MS).unref();
    },
    close() {
      clearTimeout(timer);
      const text = take();
      if (text !== "") appendFileSync(path, text);
    },
  };
}

function rotate(path: string): void {
  rmSync(`${path}.${KEPT}`, { force: true });
  for (let n = KEPT - 1; n >= 0; n -= 1) {
    const from = n === 0 ? path : `${path}.${n}`;
    try {
      renameSync(from, `${path}.${n + 1}`);
    } catch {
      // There is no such older file yet.
    }
  }
}
