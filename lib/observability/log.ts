// Structured logs: one JSON line per entry, with the service's name, never a secret.

import { type DestinationStream, type Logger, pino } from "pino";
import { printableLines } from "./printable.ts";

export type { Logger } from "pino";

/** What most of the code needs of a logger. */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

/** Takes a finished line of a service's log. Set by the local runtime, which writes files; absent on AWS. */
export type LogSink = (service: string, line: string) => void;

declare global {
  // The runtime's plugin and the handlers may be loaded by different module loaders, so they meet here.
  var cfmpOrderLogSink: LogSink | undefined;
}

/** Sends every service's lines to `sink` instead of standard output. */
export function setLogSink(sink: LogSink): void {
  globalThis.cfmpOrderLogSink = sink;
}

const REDACTED = ["authorization", "token", "secret", "password", "secret_key", "signature"];

const loggers = new Map<string, Logger>();
let chosenLevel: string | undefined;
/** It says that the level was changed, so it keeps its own. */
const CONFIG_LOG = "config";

/** Sets the level of all services' logs from now on; requests under way keep theirs. */
export function setLogLevel(level: string): void {
  chosenLevel = level;
  for (const [service, logger] of loggers) if (service !== CONFIG_LOG) logger.level = level;
}

/** The logger of `service`; the same one at each call. Level from `LOG_LEVEL`, unless another was set since. */
export function serviceLog(service: string): Logger {
  const known = loggers.get(service);
  if (known) return known;
  const destination: DestinationStream = {
    write(entry) {
      // JSON escapes some of what a terminal would act on, not all; whoever reads a log file has a terminal.
      const line = printableLines(entry);
      const sink = globalThis.cfmpOrderLogSink;
      if (sink) sink(service, line);
      else process.stdout.write(line);
    },
  };
  const created = pino(
    {
      level: chosenLevel ?? (process.env["LOG_LEVEL"] || "info"),
      base: { service },
      messageKey: "message",
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...REDACTED, ...REDACTED.map((name) => `*.${name}`)], censor: "[redacted]" },
    },
    destination,
  );
  loggers.set(service, created);
  return created;
}
