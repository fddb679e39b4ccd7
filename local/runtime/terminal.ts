// The terminal output: the services' JSON log lines in a readable form, and the runtime's own.

import { printable, printableLines, printableStack } from "../../lib/observability/printable.ts";
import type { Log } from "../shared/log.ts";
import { type BannerExtra, type BannerRow, banner } from "./banner.ts";
import { collectLines, isLogged } from "./output-lines.ts";

/** Fields that have their own place in a line, or are of no use to a reader. */
const PLACED = new Set(["level", "time", "service", "message", "request_id"]);

export interface Terminal {
  /** Shows a line of a service's log (JSON, as pino writes it). */
  serviceLine(json: string): void;
  /** The runtime's own log. */
  readonly log: Log;
  /** Shows what runs, once it does, and that it took `tookMs` milliseconds. */
  ready(rows: readonly BannerRow[], extras: readonly BannerExtra[], tookMs: number): void;
  /** Writes the waiting lines now: at the end of the process, and before work that would hold them back. */
  flush(): void;
}

/**
 * Writes to `out`, collected for 50 ms; the runtime's own entries below `level` are dropped. Lines of services are made readable then, all
 * at once: no reply waits for it.
 */
export function openTerminal(out: (text: string) => void, level: string): Terminal {
  const lines = collectLines(out);
  const print = (text: string) => lines.add(() => printableLines(text));
  return {
    ready: (rows, extras, tookMs) => print(banner(rows, extras, tookMs)),
    serviceLine: (json) => lines.add(() => readable(json)),
    log(at, message, fields) {
      if (isLogged(at, level)) {
        const entry = { time: new Date().toISOString(), level: at, service: "runtime", message, ...fields };
        print(entryLine(entry, ESCAPED));
      }
    },
    flush: lines.flush,
  };
}

/** `10:42:01.123 INFO  OrderService request done method=GET path=/api/orders/ status=200` */
export function readable(json: string): string {
  try {
    const entry: unknown = JSON.parse(json);
    if (typeof entry === "object" && entry !== null)
      return entryLine({ ...entry }, isPlainJson(json) ? AS_IT_IS : ESCAPED);
  } catch {
    // Shown as it is.
  }
  return printable(json.trimEnd());
}

/** How the texts of an entry are shown. */
interface Shown {
  readonly text: (text: string) => string;
  readonly stack: (text: string) => string;
}

const ESCAPED: Shown = { text: printable, stack: printableStack };
const AS_IT_IS: Shown = { text: (text) => text, stack: (text) => text };

/** Whether no text in `json` has to be escaped: most lines need one search and not one for each field. */
const isPlainJson = (json: string): boolean => !/[^\n\x20-\x7e]|\\/.test(json);

function entryLine(entry: Readonly<Record<string, unknown>>, { text, stack }: Shown): string {
  const time = String(entry["time"] ?? "").slice(11, 23);
  const level = String(entry["level"] ?? "info")
    .toUpperCase()
    .padEnd(5);
  const named = [time, level, entry["service"], entry["message"]];
  let line = named.map((part) => text(String(part))).join(" ");
  for (const [name, value] of Object.entries(entry)) {
    if (PLACED.has(name) || value === undefined || value === null) continue;
    line += ` ${text(name)}=${stack(typeof value === "string" ? value : JSON.stringify(value))}`;
  }
  return line;
}
