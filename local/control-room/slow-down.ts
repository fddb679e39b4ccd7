// Slows processes down: each is stopped most of the time, as on a machine that has little time for it. A shell does it, so that a process
// goes on even when this one is killed: it ends with this one, and never while its process is stopped.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** Of each 100 ms it runs for 20. */
const SCRIPT = `
trap 'kill -CONT "$1"; exit' TERM
while kill -0 "$2" && kill -STOP "$1"; do sleep 0.08; kill -CONT "$1"; sleep 0.02; done
`;

export interface SlowDowns {
  begin(pid: number): void;
  /** Resolves when the process runs as before; at once where it does. */
  end(pid: number): Promise<void>;
}

export function slowDowns(): SlowDowns {
  const shells = new Map<number, ChildProcess>();
  return {
    begin(pid) {
      if (shells.has(pid)) return;
      const args = ["-c", SCRIPT, "slow-down", String(pid), String(process.pid)];
      const shell = spawn("sh", args, { stdio: "ignore" });
      shells.set(pid, shell);
      const over = () => void (shells.get(pid) === shell && shells.delete(pid));
      shell.on("error", over);
      shell.on("exit", over);
      shell.unref();
    },
    async end(pid) {
      const shell = shells.get(pid);
      if (shell === undefined) return;
      const exit = once(shell, "exit");
      shell.kill("SIGTERM");
      await exit;
    },
  };
}
