// Which HTTP requests the processes of a system answer, as Node itself says.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const PRELOAD = pathToFileURL(join(import.meta.dirname, "preload.ts")).href;

export interface RequestRecord {
  /** Settings for the system whose requests are to be recorded. */
  readonly env: Readonly<Record<string, string>>;
  /** The paths so far, oldest first. */
  seen(): readonly string[];
  remove(): void;
}

export function recordRequests(): RequestRecord {
  const folder = mkdtempSync(join(tmpdir(), "cfmp-order-requests-"));
  const file = join(folder, "paths");
  writeFileSync(file, "");
  return {
    env: { NODE_OPTIONS: `--import=${PRELOAD}`, BENCH_REQUESTS: file },
    seen: () => readFileSync(file, "utf8").split("\n").slice(0, -1),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
