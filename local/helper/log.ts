// The helper's log: JSON lines on its standard output, which the process that starts it redirects to a file.

import { writeSync } from "node:fs";
import type { Log as RegistryLog } from "../../lib/observability/log.ts";
import { printable } from "../../lib/observability/printable.ts";
import type { Log } from "../shared/log.ts";

const STANDARD_OUTPUT = 1;

export const log: Log = (level, message, fields = {}) => {
  const time = new Date().toISOString();
  const entry = printable(JSON.stringify({ time, level, process: "helper", msg: message, ...fields }));
  try {
    // Not by process.stdout, where a full disk would raise an event that ends the process.
    writeSync(STANDARD_OUTPUT, `${entry}\n`);
  } catch {
    // The line is lost.
  }
};

/** `log` with the methods of pino that the registry calls. */
export function registryLog(log: Log): RegistryLog {
  const at =
    (level: "info" | "warn" | "error") =>
    (given: unknown, message?: unknown): void => {
      if (typeof given === "string") log(level, given);
      else log(level, String(message ?? ""), plain(given));
    };
  return { debug: () => {}, info: at("info"), warn: at("warn"), error: at("error") };
}

/** Errors have no enumerable fields, so JSON would show `{}`. */
function plain(given: unknown): Record<string, unknown> {
  if (typeof given !== "object" || given === null) return {};
  const entries = Object.entries(given).map(([name, value]) => [
    name,
    "stack" in Object(value) ? value.stack : value,
  ]);
  return Object.fromEntries(entries);
}
