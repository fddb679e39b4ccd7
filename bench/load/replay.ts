// The database's part of a flow without the rest: recorded operations, one after the other, through the services' client.

import { randomUUID } from "node:crypto";
import { closedLoop } from "./closed-loop.ts";
import type { Measured, ReplayJob } from "./job.ts";
import { clientAt } from "./storage.ts";
import { templateOf } from "./template.ts";

/** Repeats the steps, each time with ids and users of its own, so that conditions hold as they did. */
export function runReplay(job: ReplayJob): Promise<Measured> {
  const client = clientAt(job.databaseUrl);
  const steps = job.steps.map(({ operation, input }) => ({ operation, input: templateOf(input, job.fresh) }));
  return closedLoop(job, async () => {
    const fresh = job.fresh.map(() => randomUUID());
    for (const { operation, input } of steps) {
      const { conditionFailed } = await client.send(operation, input(fresh));
      if (conditionFailed) throw new Error(`The condition of a repeated ${operation} did not hold`);
    }
  });
}
