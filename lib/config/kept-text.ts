// A text on disk that outlives the process: whole or not there, whatever happens while it is written.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Log } from "../observability/log.ts";

/** Neither method throws: a lost copy costs a default after a restart without a registry. */
export interface KeptText {
  read(): string | undefined;
  /** Undefined removes it. */
  write(text: string | undefined): void;
}

export function keptText(path: string, log: Log): KeptText {
  return {
    read() {
      try {
        return readFileSync(path, "utf8");
      } catch {
        return undefined;
      }
    },
    write(text) {
      try {
        if (text === undefined) return rmSync(path, { force: true });
        mkdirSync(dirname(path), { recursive: true });
        // Processes may share the folder: each writes a draft of its own, and the rename is what others see.
        const draft = `${path}.${process.pid}`;
        writeFileSync(draft, text);
        renameSync(draft, path);
      } catch (cause) {
        log.warn({ err: cause, path }, "the configuration can't be kept for the next start");
      }
    },
  };
}
