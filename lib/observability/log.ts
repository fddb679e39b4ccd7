// Structured logs: one JSON line per entry, with the service's name. Secrets are redacted.

import { type DestinationStream, pino } from "pino";
import { printableLines } from "./printable.ts";
import { CENSORED, censoredBelow, censoredError, SECRET_FIELDS } from "./secret-fields.ts";

interface Write {
  (message: string): void;
  /** With the members of `entry`. An error is the entry `{ err }`; an entry without a message has that of its error. */
  (entry: object, message?: string): void;
}

/** What most of the code needs of a logger. */
export interface Log {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

/** A service's logger. On AWS it is build/pino.ts. */
export interface Logger extends Log {
  /** One of pino's names of levels, or `silent`. */
  level: string;
  /** A logger with the same level whose lines also have `bindings`. */
  child(bindings: Readonly<Record<string, unknown>>): Logger;
}

/** Receives each finished log line of a service. Set by the local runtime, which writes files; not set on AWS. */
export type LogSink = (service: string, line: string) => void;

declare global {
  // Global, because the runtime's plugin and the handlers may be loaded by different module loaders.
  var cfmpOrderLogSink: LogSink | undefined;
}

/** Sends every service's lines to `sink` instead of standard output. */
export function setLogSink(sink: LogSink): void {
  globalThis.cfmpOrderLogSink = sink;
}

const loggers = new Map<string, Logger>();
let chosenLevel: string | undefined;
/** The log that reports changes of the level, so it always keeps its own level. */
const CONFIG_LOG = "config";

/** Sets the level of all services' logs; requests in progress keep the level they began with. */
export function setLogLevel(level: string): void {
  chosenLevel = level;
  for (const [service, logger] of loggers) if (service !== CONFIG_LOG) logger.level = level;
}

let second = Number.NaN;
let secondText = "";

/** As `Date.prototype.toISOString`, which does once a second what it would do for each line. */
function isoNow(): string {
  const now = Date.now();
  const of = Math.floor(now / 1_000);
  if (of !== second) {
    second = of;
    secondText = new Date(of * 1_000).toISOString().slice(0, -4);
  }
  return `${secondText}${String(now - of * 1_000).padStart(3, "0")}Z`;
}

/** The logger of `service`; the same object at each call. Its level is `LOG_LEVEL`, or what {@link setLogLevel} set since. */
export function serviceLog(service: string): Logger {
  const known = loggers.get(service);
  if (known) return known;
  const destination: DestinationStream = {
    write(entry) {
      // JSON escapes only some of the characters that a terminal acts on, and logs are read in terminals.
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
      timestamp: () => `,"time":"${isoNow()}"`,
      formatters: { level: (label) => ({ level: label }), log: censoredBelow },
      serializers: { err: censoredError },
      redact: { paths: [...SECRET_FIELDS], censor: CENSORED },
    },
    destination,
  );
  loggers.set(service, created);
  return created;
}
