// Loaded into the system's processes before anything else (node --expose-gc --import): on SIGUSR2 a process collects its garbage and
// writes what it still uses.

import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

process.on("SIGUSR2", () => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const file = join(process.env["BENCH_MEMORY"] ?? "", String(process.pid));
  writeFileSync(`${file}.new`, JSON.stringify({ heapUsed, external }));
  renameSync(`${file}.new`, file);
});
