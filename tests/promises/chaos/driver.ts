// The handle on the process that makes the calls.

import { join } from "node:path";
import { Child } from "../../support/child.ts";
import { until } from "../../support/poll.ts";
import type { DriverJob, DriverReport, FromDriver, ToDriver } from "./run-driver.ts";

/** It may have to wait for calls that are under way. */
const REPORT_WITHIN_MS = 180_000;

export class Driver {
  readonly #child: Child<FromDriver, ToDriver>;

  private constructor(child: Child<FromDriver, ToDriver>) {
    this.#child = child;
  }

  /** Starts to call with the settings of a fleet; resolves when a second's worth of calls was answered. */
  static async start(env: Readonly<Record<string, string>>, job: DriverJob): Promise<Driver> {
    const child = new Child<FromDriver, ToDriver>(join(import.meta.dirname, "run-driver.ts"), job, {
      env: { ...process.env, ...env },
    });
    try {
      const enough = async () => (await child.receive("progress")).calls > job.rate;
      await until("the driver's calls are answered", enough);
      return new Driver(child);
    } catch (error) {
      child.signal("SIGKILL");
      throw error;
    }
  }

  /** Ends the calls and gives what was counted; single calls are still possible afterwards. */
  finish(): Promise<DriverReport> {
    this.#child.send({ type: "stop" });
    return this.#child.receive("report", REPORT_WITHIN_MS);
  }

  /** One call with its own deadline: how it ended, and after how many milliseconds. */
  once(service: string, deadlineMs: number): Promise<Extract<FromDriver, { type: "answer" }>> {
    this.#child.send({ type: "once", service, deadlineMs });
    return this.#child.receive("answer");
  }

  end(): void {
    this.#child.signal("SIGKILL");
  }
}
