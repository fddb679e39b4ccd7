// What processes still use after a collection of garbage, as V8 says it.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { until } from "../../tests/support/poll.ts";
import type { ByRole, Processes } from "../processes.ts";

const PRELOAD = pathToFileURL(join(import.meta.dirname, "memory-preload.ts")).href;
const MB = 1_024 * 1_024;

export interface UsedMemory {
  /** Settings for the system whose memory is to be read. */
  readonly env: Readonly<Record<string, string>>;
  /** MB of the heap and beside it (buffers), by role. */
  read(processes: Processes): Promise<ByRole>;
  remove(): void;
}

export function usedMemory(): UsedMemory {
  const folder = mkdtempSync(join(tmpdir(), "cfmp-order-memory-"));
  const readOne = async (pid: number): Promise<number> => {
    const file = join(folder, String(pid));
    rmSync(file, { force: true });
    process.kill(pid, "SIGUSR2");
    await until("a process says what it uses", () => existsSync(file));
    const { heapUsed, external }: { heapUsed: number; external: number } = JSON.parse(
      readFileSync(file, "utf8"),
    );
    return (heapUsed + external) / MB;
  };
  return {
    env: { NODE_OPTIONS: `--expose-gc --import=${PRELOAD}`, BENCH_MEMORY: folder },
    async read(processes) {
      const used = Object.entries(processes).map(async ([role, pid]) => [role, await readOne(pid)] as const);
      return Object.fromEntries(await Promise.all(used));
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
