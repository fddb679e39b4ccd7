// Lines of the services' logs (lib/observability/log.ts), as they are in their files.

import { isRecord, type ReceivedLine, textOf } from "./spans.ts";
import type { Level } from "./telemetry-contract.ts";

const LEVELS: Readonly<Record<string, Level>> = {
  trace: "debug",
  debug: "debug",
  info: "info",
  warn: "warn",
  error: "error",
  fatal: "error",
};
const LONGEST_MESSAGE = 4_000;

/** The line; undefined where it is no entry of a log. */
export function readLogLine(line: string, instance: string): ReceivedLine | undefined {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(entry)) return undefined;
  const { time, level, service, message, trace_id, span_id, ...fields } = entry;
  const at = Date.parse(textOf(time) ?? "");
  if (Number.isNaN(at)) return undefined;
  return {
    at,
    service: textOf(service, 200) ?? "unknown_service",
    instance,
    level: LEVELS[textOf(level) ?? ""] ?? "info",
    message: textOf(message, LONGEST_MESSAGE) ?? "",
    trace_id: textOf(trace_id, 32) ?? null,
    span_id: textOf(span_id, 16) ?? null,
    fields,
  };
}
