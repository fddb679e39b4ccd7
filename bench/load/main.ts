// The load process: does one job, given as JSON, and writes what it saw as JSON. A process of its own, so that what
// it costs is not counted as the system's.

import { closedLoop } from "./closed-loop.ts";
import { runFlows } from "./flow.ts";
import { requester } from "./http.ts";
import type { Job, Measured, PairJob, PairMeasured, RequestJob, Seeded, SeedJob } from "./job.ts";
import { runPair } from "./pair.ts";
import { runStorage, seed } from "./storage.ts";

const job: Job | SeedJob | PairJob = JSON.parse(process.argv[2] ?? "");
process.stdout.write(JSON.stringify(await run(job)), () => process.exit(0));

function run(given: Job | SeedJob | PairJob): Promise<Measured | Seeded | PairMeasured> {
  if (given.kind === "pair") return runPair(given);
  if (given.kind === "seed") return seed(given);
  if (given.kind === "flow") return runFlows(given);
  if (given.kind === "request") return runRequests(given);
  return runStorage(given);
}

function runRequests(given: RequestJob): Promise<Measured> {
  const { origin, pathname, search } = new URL(given.url);
  const send = requester(origin, given.lanes);
  const { method, headers, body, expect } = given;
  const sent = { method, path: pathname + search, headers, ...(body === undefined ? {} : { body }) };
  return closedLoop(given, async () => void (await send(sent, expect)));
}
