// A text in a file that survives the process. A damaged file counts as missing.

import { readFileSync, rmSync } from "node:fs";
import * as z from "zod";
import { once } from "../core/once.ts";
import { replaceFileSync } from "../files/replace-file.ts";
import { sealed, unsealed } from "../files/sealed.ts";
import { isMissing } from "../files/system-error.ts";
import type { Log } from "../observability/log.ts";

/** No method throws: without the file, only a restart without a registry falls back to defaults. */
export interface KeptText {
  /** The text; undefined when there is none, or (with a line in the log) when the file is damaged. */
  read(): string | undefined;
  /** Stores the text; undefined removes it. A write that fails, as on a full disk, is repeated until it succeeds or another text is given. */
  write(text: string | undefined): void;
}

const AGAIN_MS = 5_000;

/** How the file begins; earlier versions stored the text alone. */
const SEALED = '{"kept_text":';
const keptFile = once(() => z.object({ kept_text: z.string() }));

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
        return text.startsWith(SEALED) ? keptFile().parse(unsealed(path, text)).kept_text : text;
      } catch (cause) {
        if (!isMissing(cause)) {
          log.error({ err: cause, path }, "the configuration saved by an earlier run can't be read");
        }
        return undefined;
      }
    },
  };
}
