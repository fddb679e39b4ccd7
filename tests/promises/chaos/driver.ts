// The handle on the process that makes the calls.

import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { DriverReport, FromDriver, ToDriver } from "./driver-messages.ts";

export interface Driver {
  readonly pid: number;
  /** Counts so far. */
  progress(): { readonly calls: number; readonly flows: number; readonly failed: number };
  /** Ends the calls and gives what was counted; single calls are still possible afterwards. */
  finish(): Promise<DriverReport>;
  /** One call with its own deadline: how it ended, and after how many milliseconds. */
  once(service: string, deadlineMs: number): Promise<{ readonly outcome: string; readonly tookMs: number }>;
  end(): void;
}

export interface DriverOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Calls of the stream, and flows of two commands, per second. */
  readonly rate: number;
  readonly flowRate: number;
}

/** Starts to call at once. */
export function startDriver({ env, rate, flowRate }: DriverOptions): Driver {
  const main = join(import.meta.dirname, "run-driver.ts");
  const child = fork(main, [String(rate), String(flowRate)], {
    env: { ...process.env, ...env },
    execArgv: ["--no-warnings"],
  });
  let progress = { calls: 0, flows: 0, failed: 0 };
  child.on("message", (message: FromDriver) => {
    if (message.type === "progress") progress = message;
  });
  const tell = (message: ToDriver) => child.send(message);
  return {
    pid: child.pid ?? 0,
    progress: () => progress,
    async finish() {
      tell({ type: "stop" });
      return answer(child, "report");
    },
    async once(service, deadlineMs) {
      tell({ type: "once", service, deadlineMs });
      return answer(child, "answer");
    },
    end: () => child.kill("SIGKILL"),
  };
}

/** The next message of that type. */
function answer<T extends FromDriver["type"]>(
  child: ChildProcess,
  type: T,
): Promise<Extract<FromDriver, { type: T }>> {
  return new Promise((resolve, reject) => {
    const hear = (message: FromDriver) => {
      if (!isOf(message, type)) return;
      child.off("message", hear);
      resolve(message);
    };
    child.on("message", hear);
    child.once("exit", () => reject(new Error("The driver ended.")));
  });
}

const isOf = <T extends FromDriver["type"]>(
  message: FromDriver,
  type: T,
): message is Extract<FromDriver, { type: T }> => message.type === type;
