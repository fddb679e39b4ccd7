// What processes still use after a collection of garbage, as V8 says it.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { until } from "../tests/support/poll.ts";
import type { ByRole, Processes } from "./processes.ts";

const PRELOAD = join(import.meta.dirname, "memory-preload.cjs");
const MB = 1_024 * 1_024;

export interface UsedMemory {
  /** Settings for the system whose memory is to be read. */
  readonly env: Readonly<Record<string, string>>;
  /** MB of the heaps of all threads and beside them (buffers), by role. */
  read(processes: Processes): Promise<ByRole>;
  remove(): void;
}

export function usedMemory(): UsedMemory {
  const folder = mkdtempSync(join(tmpdir(), "cfmp-order-memory-"));
  const readOne = async (pid: number): Promise<number> => {
    const files = readdirSync(folder)
      .filter((name) => name === String(pid) || (name.startsWith(`${pid}.`) && !/[a-z]$/.test(name)))
      .map((name) => join(folder, name));
    for (const file of files) {
      rmSync(file, { force: true });
      if (!file.endsWith(`${sep}${pid}`)) writeFileSync(`${file}.asked`, "");
    }
    process.kill(pid, "SIGUSR2");
    await until("all threads of a process say what they use", () => files.every((file) => existsSync(file)));
    return files.reduce((all, file) => all + usedOf(file), 0) / MB;
  };
  return {
    env: { NODE_OPTIONS: `--require=${PRELOAD}`, BENCH_MEMORY: folder },
    async read(processes) {
      const used = Object.entries(processes).map(async ([role, pid]) => [role, await readOne(pid)] as const);
      return Object.fromEntries(await Promise.all(used));
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function usedOf(file: string): number {
  const { heapUsed, external }: { heapUsed: number; external: number } = JSON.parse(
    readFileSync(file, "utf8"),
  );
  return heapUsed + external;
}
