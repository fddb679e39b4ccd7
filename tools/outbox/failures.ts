// Lists the runs of relays that failed on AWS, and has them run again.

import { invokeFunction } from "../../lib/core/aws-request.ts";
import { messageOf } from "../../lib/core/failure-text.ts";
import { complain, print } from "../../local/shared/print.ts";
import type { FailedRun, FailureQueue } from "./failure-queue.ts";

/** What both commands use; the real ones by default. */
export interface FailurePorts {
  readonly queue: Pick<FailureQueue, "receive" | "remove" | "putBack">;
  readonly invoke?: (name: string, payload: string) => Promise<void>;
}

const INVOKE_TIMEOUT_MS = 10_000;
const invokeNow = (name: string, payload: string) => invokeFunction(name, payload, INVOKE_TIMEOUT_MS);

/** Prints up to `limit` of them, and leaves them in the queue. Returns the exit code. */
export async function listFailures({ queue }: FailurePorts, limit: number, json: boolean): Promise<number> {
  const found: FailedRun[] = [];
  try {
    while (found.length < limit) {
      const batch = await queue.receive();
      if (batch.length === 0) break;
      found.push(...batch);
    }
  } finally {
    await Promise.allSettled(found.map((run) => queue.putBack(run)));
  }
  const shown = found.slice(0, limit).sort((one, other) => (one.at < other.at ? -1 : 1));
  if (json)
    print(
      JSON.stringify(
        shown.map(({ handle: _, ...run }) => run),
        null,
        2,
      ),
    );
  else if (shown.length === 0) print("No run is in the queue.");
  else
    for (const run of shown)
      print(`${run.at}  ${run.function ?? "(unknown)"}  ${run.payload}\n    ${run.error}`);
  return 0;
}

/**
 * Has every run in the queue run again, once for each function and event, and removes it when Lambda has accepted it. A run that
 * fails again comes back. Returns the exit code: 1 when some are left.
 */
export async function redriveFailures({ queue, invoke = invokeNow }: FailurePorts): Promise<number> {
  const accepted = new Set<string>();
  let removed = 0;
  let left = 0;
  for (;;) {
    const batch = await queue.receive();
    if (batch.length === 0) break;
    for (const run of batch) {
      const key = JSON.stringify([run.function, run.payload]);
      try {
        if (run.function === undefined) throw new Error(`${run.error}: ${run.payload.slice(0, 200)}`);
        if (!accepted.has(key)) await invoke(run.function, run.payload);
        accepted.add(key);
        await queue.remove(run);
        removed += 1;
      } catch (error) {
        left += 1;
        complain(`${run.function ?? "a message"} stays in the queue: ${messageOf(error)}`);
      }
    }
  }
  print(`${removed} removed from the queue, ${accepted.size} run again, ${left} left.`);
  return left > 0 ? 1 : 0;
}
