// What the callers of a fleet must have seen, whatever was done to it.

import { availableParallelism, loadavg } from "node:os";
import { lateAttempts } from "./attempts.ts";
import type { Checks } from "./checks.ts";
import type { DriverReport } from "./driver-messages.ts";
import type { Fleet } from "./fleet.ts";

const CONVERGED_WITHIN_MS = 20_000;

/** No call failed, and there were as many as wanted. */
export function judgeCalls(
  report: DriverReport,
  least: number,
  { check }: Checks,
  say: (line: string) => void,
): void {
  const { calls, perSecond, failures, p50, p99, longest, flows, databaseAway } = report;
  for (const { at, what, why, tookMs } of failures.slice(0, 20)) {
    say(`        ${new Date(at).toISOString()} ${what} after ${tookMs} ms: ${why}`);
  }
  check(
    "calls between services failed",
    failures.length === 0,
    `${failures.length} of ${calls + failures.length}; p50 ${p50} ms, p99 ${p99} ms, longest ${longest} ms`,
  );
  check(
    `at least ${least} calls per second were answered`,
    perSecond >= least,
    `${perSecond}/s over ${report.seconds} s (load ${(loadavg()[0] ?? 0).toFixed(1)} on ${availableParallelism()} cores)`,
  );
  check(
    "orders were created and paid meanwhile (payments call orders)",
    flows > 0,
    `${flows}; ${databaseAway} commands sent again because the database was being restarted`,
  );
}

export function judgeAttempts(fleet: Fleet, { check }: Checks, say: (line: string) => void): void {
  const attempts = fleet.attempts();
  const late = lateAttempts(attempts, fleet.deaths);
  for (const { caller, origin, deadFor, path } of late.slice(0, 20)) {
    say(`        process ${caller} asked ${origin}${path}, dead for ${deadFor} ms`);
  }
  const callers = new Set(attempts.map(({ caller }) => caller)).size;
  check(
    "attempts at an address that had been dead for more than 1 s",
    attempts.length > 0 && late.length === 0,
    `${late.length} of ${attempts.length} by ${callers} processes, at ${fleet.deaths.length} deaths (probes are not counted)`,
  );
}

/** The registry has what runs, each once; `after` says what happened before. */
export async function judgeConvergence(fleet: Fleet, { check }: Checks, after: string): Promise<void> {
  const wrong = await fleet.converged(CONVERGED_WITHIN_MS).then(
    () => undefined,
    (error: Error) => error.message,
  );
  check(
    "afterwards the registry lists each instance once, healthy",
    wrong === undefined,
    `${wrong ?? `${fleet.members.length} instances`}, after ${after}`,
  );
}
