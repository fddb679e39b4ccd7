// The helper process with database, registry and mail catcher of a system under test: held, and killed.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { readState } from "../../local/helper/state-file.ts";
import { beforeEnd } from "./command.ts";
import { until } from "./poll.ts";
import { processesWith } from "./processes.ts";
import { cleanEnvironment, madeFolders } from "./system.ts";

/** Starts a process that keeps the helper of `settings` alive until this one ends or `release` is called. */
export async function holdHelper(
  settings: Readonly<Record<string, string>>,
): Promise<{ release(): Promise<void> }> {
  const script = join(import.meta.dirname, "backing-holder.ts");
  const holder = spawn(process.execPath, ["--no-warnings", script], {
    env: { ...cleanEnvironment(), ...settings },
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(holder.stdout, "data");
  return {
    async release() {
      if (holder.exitCode !== null || holder.signalCode !== null) return;
      holder.kill("SIGKILL");
      await once(holder, "exit");
    },
  };
}

/** Kills the helper; waits for one, since it may just be starting again. */
export async function killHelper(dataDir: string): Promise<void> {
  await until("a helper runs and is killed", async () => {
    const helper = await readState(dataDir);
    return helper !== undefined && process.kill(helper.pid, "SIGKILL");
  });
}

/** Ends every process of the system whose data are in `dataDir`, however it was started. */
export async function endAll(dataDir: string): Promise<void> {
  await until("all its processes are gone", () => killAll(dataDir) === 0);
}

/** For commands: when this process is told to end, every system it has started ends with it, and its data go. */
export function endAllOnSignal(): void {
  beforeEnd(() => {
    for (const folder of madeFolders) {
      killAll(folder);
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

/** Returns how many there were. */
function killAll(dataDir: string): number {
  const left = processesWith("DATA_DIR", dataDir);
  for (const pid of left) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended meanwhile.
    }
  }
  return left.length;
}
