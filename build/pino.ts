// Stands for `pino` in bundles: its lines, as far as lib/observability/log.ts uses it, written by a destination of ours. pino itself
// brings worker threads, files and formats, which are 40 KiB of code and 10 ms of CPU time when a function starts.

import type { DestinationStream, Level, LoggerOptions } from "pino";
import err from "pino-std-serializers/lib/err.js";
import type { Logger } from "../lib/observability/log.ts";

/** Those that are used. */
export const stdSerializers = { err };

const VALUES: Readonly<Record<Level, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
};

type Options = Pick<LoggerOptions, "level" | "base" | "messageKey" | "timestamp"> & {
  readonly formatters: Required<Pick<NonNullable<LoggerOptions["formatters"]>, "level" | "log">>;
  readonly serializers: { readonly err: (error: Error) => unknown };
  readonly redact: { readonly paths: readonly string[]; readonly censor: string };
};
type Fields = Readonly<Record<string, unknown>>;

/** A logger with `options`; of what they may be, this is what lib/observability/log.ts gives. */
export function pino(options: Options, destination: DestinationStream): Logger {
  return new LineLogger(options, destination, { level: options.level ?? "info" }, options.base ?? {});
}

class LineLogger implements Logger {
  readonly #options: Options;
  readonly #destination: DestinationStream;
  /** Shared with children. */
  readonly #least: { level: string };
  /** What all its lines have, as JSON. */
  readonly #bound: string;

  constructor(
    options: Options,
    destination: DestinationStream,
    least: { level: string },
    bindings: Fields,
    before = "",
  ) {
    this.#options = options;
    this.#destination = destination;
    this.#least = least;
    this.#bound =
      before +
      members(
        Object.entries(bindings)
          .filter(isBound)
          .map((one) => this.#shown(one)),
      );
  }

  get level(): string {
    return this.#least.level;
  }

  set level(level: string) {
    this.#least.level = level;
  }

  child(bindings: Fields): Logger {
    return new LineLogger(this.#options, this.#destination, this.#least, bindings, this.#bound);
  }

  debug(entry: object | string, message?: string): void {
    this.#write("debug", entry, message);
  }

  info(entry: object | string, message?: string): void {
    this.#write("info", entry, message);
  }

  warn(entry: object | string, message?: string): void {
    this.#write("warn", entry, message);
  }

  error(entry: object | string, message?: string): void {
    this.#write("error", entry, message);
  }

  #write(level: Level, entry: object | string, message: string | undefined): void {
    if (!(VALUES[level] >= (VALUES[this.#least.level as Level] ?? Number.POSITIVE_INFINITY))) return;
    const { formatters, timestamp, messageKey = "msg" } = this.#options;
    const fields = typeof entry === "string" ? {} : entry instanceof Error ? { err: entry } : { ...entry };
    const said = message ?? (typeof entry === "string" ? entry : messageOf(fields, messageKey));
    const logged = Object.entries(formatters.log(fields)).map((one) => this.#shown(one));
    const head = members(Object.entries(formatters.level(level, VALUES[level]))).slice(1);
    const time = typeof timestamp === "function" ? timestamp() : "";
    const end = said === undefined ? "" : members([[messageKey, said]]);
    this.#destination.write(`{${head}${time}${this.#bound}${members(logged)}${end}}\n`);
  }

  #shown([name, value]: [string, unknown]): [string, unknown] {
    const { redact, serializers } = this.#options;
    if (value === undefined) return [name, value];
    if (redact.paths.includes(name)) return [name, redact.censor];
    return [name, name === "err" ? serializers.err(value as Error) : value];
  }
}

/** Whether a child can have it: a line has its own level. */
const isBound = ([name]: [string, unknown]): boolean => name !== "level";

/** What is said of an entry without a message: that of its error. */
function messageOf(fields: Fields, messageKey: string): string | undefined {
  const { err } = fields;
  if (fields[messageKey] !== undefined || typeof err !== "object" || err === null) return undefined;
  return "message" in err ? String(err.message) : undefined;
}

/** Members of a JSON object, each after a comma; without those that JSON has no text for. */
function members(entries: readonly (readonly [string, unknown])[]): string {
  let text = "";
  for (const [name, value] of entries) {
    const json = jsonOf(value);
    if (json !== undefined) text += `,${JSON.stringify(name)}:${json}`;
  }
  return text;
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return '"[not JSON]"';
  }
}
