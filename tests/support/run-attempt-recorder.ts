// Loaded into a process with `--import`: writes down each attempt at a peer, as it is made, into a file of its own.

import { subscribe } from "node:diagnostics_channel";
import { appendFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.env["CFMP_ATTEMPTS"];

if (folder !== undefined && folder !== "") {
  const file = join(folder, `${process.pid}.attempts`);
  // undici's own diagnostics: https://undici.nodejs.org/#/docs/api/DiagnosticsChannel
  subscribe("undici:request:create", (message) => {
    const attempt = attemptOf(message);
    if (attempt !== undefined) appendFileSync(file, `${Date.now()} ${attempt.origin} ${attempt.path}\n`);
  });
}

/** Calls carry a deadline. Probes ("does it still answer?") and requests to the database do not. */
function attemptOf(message: unknown): { origin: string; path: string } | undefined {
  const request = property(message, "request");
  const [origin, path, headers] = ["origin", "path", "headers"].map((name) => property(request, name));
  if (!Array.isArray(headers) || !headers.includes("cfmp-timeout")) return undefined;
  return { origin: String(origin), path: String(path) };
}

const property = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
