// A log line in one row: its message, the request that it is about, and its other fields. Pure.

import type { LogLine } from "../telemetry-contract.ts";
import { duration, plain } from "./format.ts";

/** Shown by the columns of the row, or of no use to a reader who looks for a line. */
const LEFT_OUT = ["request_id", "method", "path", "status", "duration_ms", "route"];
const MOST_CHARACTERS = 400;

export function lineText({ message, fields }: Pick<LogLine, "message" | "fields">): string {
  const others = Object.entries(fields).filter(([name]) => !LEFT_OUT.includes(name));
  const parts = [
    message,
    ...requestParts(fields),
    ...others.map(([name, value]) => `${name}=${plain(value)}`),
  ];
  return parts.join(" ").slice(0, MOST_CHARACTERS);
}

function requestParts({ method, path, status, duration_ms }: LogLine["fields"]): string[] {
  const texts = [method, path, status].flatMap((part) => (part === undefined ? [] : [plain(part)]));
  return typeof duration_ms === "number" ? [...texts, duration(duration_ms)] : texts;
}
