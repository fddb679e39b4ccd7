// A text on disk that outlives the process: whole and as it was written, or not there.

import { readFileSync, rmSync } from "node:fs";
import * as z from "zod";
import { replaceFileSync } from "../files/replace-file.ts";
import { sealed, unsealed } from "../files/sealed.ts";
import { isMissing } from "../files/system-error.ts";
import type { Log } from "../observability/log.ts";

/** Neither method throws: a lost copy costs a default after a restart without a registry. */
export interface KeptText {
  /** Undefined when there is none, and, with a line in the log, when it is damaged. */
  read(): string | undefined;
  /** Undefined removes it. What cannot be written now (a full disk) is tried again until it can, or another text is given. */
  write(text: string | undefined): void;
}

const AGAIN_MS = 5_000;

/** How the file begins; earlier versions kept the bare text. */
const SEALED = '{"kept_text":';
const keptFile = z.object({ kept_text: z.string() });

/** The text in the file `path`. */
export function keptText(path: string, log: Log): KeptText {
  let again: NodeJS.Timeout | undefined;
  let failing = false;

  function write(text: string | undefined): void {
    clearTimeout(again);
    try {
      if (text === undefined) rmSync(path, { force: true });
      else replaceFileSync(path, sealed({ kept_text: text }));
      failing = false;
    } catch (cause) {
      if (!failing) log.warn({ err: cause, path }, "the configuration can't be saved for the next start");
      failing = true;
      again = setTimeout(write, AGAIN_MS, text).unref();
    }
  }

  return {
    write,
    read() {
      try {
        const text = readFileSync(path, "utf8");
        return text.startsWith(SEALED) ? keptFile.parse(unsealed(path, text)).kept_text : text;
      } catch (cause) {
        if (!isMissing(cause)) {
          log.error({ err: cause, path }, "the configuration saved by an earlier run can't be read");
        }
        return undefined;
      }
    },
  };
}
