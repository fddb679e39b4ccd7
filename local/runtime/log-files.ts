// One log file per service, rotated. Lines are collected for 100 ms, so that a request costs no system call.

import { appendFileSync, closeSync, openSync, readSync, renameSync, rmSync, statSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { closeToOthers, FILE_MODE, makeFolder } from "../../lib/files/private-folder.ts";
import { logsUnusable } from "../shared/data-folder.ts";
import type { Log } from "../shared/log.ts";

const FLUSH_MS = 100;
const MAX_BYTES = 10 * 1024 * 1024;
/** Older files: `order-service.log.1` to `.3`. */
const KEPT = 3;

export interface LogFile {
  /** Adds a line; it is written about 100 ms later. */
  write(line: string): void;
  /** Writes the remaining lines, at the end of the process. */
  close(): void;
}

export interface LogFileOptions {
  /** The log that reports when lines cannot be written. */
  readonly log: Log;
  readonly maxBytes?: number;
}

/**
 * Opens `name` in the folder, which is created if it does not exist. A full disk does not end the service: lines are then
 * lost, which is reported once in `log`, and in the file when it can be written again.
 * @throws {StartUpError} when it cannot be written at the start.
 */
export function openLogFile(
  folder: string,
  name: string,
  { log, maxBytes = MAX_BYTES }: LogFileOptions,
): LogFile {
  const path = join(folder, name);
  openForLog(folder, path);
  let size = statSync(path).size;
  let waiting: string[] = [];
  let lost = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  function take(): readonly string[] {
    const lines = waiting;
    waiting = [];
    timer = undefined;
    return lines;
  }

  function makeRoom(text: string): void {
    size += Buffer.byteLength(text);
    if (size <= maxBytes) return;
    rotate(path);
    size = Buffer.byteLength(text);
  }

  async function flush(): Promise<void> {
    const lines = take();
    if (lines.length === 0) return;
    const before = lost;
    try {
      const text = lines.join("");
      const note = before > 0 ? lossNote(path, before) : "";
      makeRoom(note + text);
      // What is being written is noted there: an end meanwhile notes it no second time.
      lost = 0;
      await appendFile(path, note + text, { mode: FILE_MODE });
    } catch (error) {
      if (before === 0)
        log("error", "log lines can't be written and are lost", { path, error: String(error) });
      lost = before + lines.length;
    }
  }

  return {
    write(line) {
      waiting.push(line.endsWith("\n") ? line : `${line}\n`);
      timer ??= setTimeout(() => {
        writing = writing.then(flush);
      }, FLUSH_MS).unref();
    },
    close() {
      clearTimeout(timer);
      const text = take().join("");
      try {
        const note = lost > 0 ? lossNote(path, lost) : "";
        if (note + text !== "") appendFileSync(path, note + text, { mode: FILE_MODE });
      } catch {
        // Ignored: the process ends.
      }
    },
  };
}

/** Ensures that this process can write `path` in `folder`, and that no other user can read it. @throws {StartUpError} */
function openForLog(folder: string, path: string): void {
  try {
    makeFolder(folder);
    appendFileSync(path, "", { mode: FILE_MODE });
    closeToOthers(path, FILE_MODE);
  } catch (error) {
    throw logsUnusable(path, error);
  }
}

/** The line that reports lost lines; starts on a new line, also after one that was written in part. */
function lossNote(path: string, lines: number): string {
  const entry = {
    time: new Date().toISOString(),
    level: "error",
    message: `${lines} log lines before this one could not be written and are lost`,
  };
  return `${endsInLine(path) ? "" : "\n"}${JSON.stringify(entry)}\n`;
}

function endsInLine(path: string): boolean {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  // Who makes room on a full disk removes the file.
  if (size === 0) return true;
  const file = openSync(path, "r");
  try {
    const last = Buffer.alloc(1);
    readSync(file, last, 0, 1, size - 1);
    return last.toString() === "\n";
  } finally {
    closeSync(file);
  }
}

function rotate(path: string): void {
  rmSync(`${path}.${KEPT}`, { force: true });
  for (let n = KEPT - 1; n >= 0; n -= 1) {
    const from = n === 0 ? path : `${path}.${n}`;
    try {
      renameSync(from, `${path}.${n + 1}`);
    } catch {
      // The older file does not exist yet.
    }
  }
}
