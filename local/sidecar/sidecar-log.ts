// The sidecar's log: lines go to the runtime, which knows where they belong.

import type { Log } from "../../lib/observability/log.ts";
import type { FromSidecar } from "./messages.ts";

type Level = Extract<FromSidecar, { type: "log" }>["level"];

/** A log in pino's form (`log.warn({ error }, "message")`) that hands entries to `tell`; `debug` is dropped. */
export function sidecarLog(tell: (message: FromSidecar) => void): Log {
  const at = (level: Level) => (first: unknown, second?: unknown) => {
    const message = typeof first === "string" ? first : String(second ?? "");
    tell({ type: "log", level, message, fields: fieldsOf(first) });
  };
  return { debug: () => {}, info: at("info"), warn: at("warn"), error: at("error") };
}

/** Fields as plain JSON; an error in them becomes its message, since the channel carries no objects of classes. */
function fieldsOf(first: unknown): Record<string, unknown> {
  if (typeof first !== "object" || first === null) return {};
  const entries = Object.entries(first instanceof Error ? { error: first } : first);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value instanceof Error ? value.message : value]),
  );
}
