// The load process: does one job, given as JSON, and writes what it saw as JSON. A process of its own, so that what
// it costs is not counted as the system's.

import { closedLoop } from "./closed-loop.ts";
import { fill } from "./fill.ts";
import { runFlows } from "./flow.ts";
import { requester } from "./http.ts";
import type { FillJob, Job, Measured, PairJob, RequestJob, SeedJob } from "./job.ts";
import { runPair } from "./pair.ts";
import { runReplay } from "./replay.ts";
import { runStorage, seed } from "./storage.ts";

const job: Job | SeedJob | PairJob | FillJob = JSON.parse(process.argv[2] ?? "");
process.stdout.write(JSON.stringify(await run(job)), () => process.exit(0));

function run(given: typeof job): Promise<object> {
  switch (given.kind) {
    case "request":
      return runRequests(given);
    case "flow":
      return runFlows(given);
    case "put":
    case "get":
      return runStorage(given);
    case "replay":
      return runReplay(given);
    case "seed":
      return seed(given);
    case "pair":
      return runPair(given);
    case "fill":
      return fill(given);
  }
}

function runRequests(given: RequestJob): Promise<Measured> {
  const { origin, pathname, search } = new URL(given.url);
  const send = requester(origin, given.lanes);
  const { method, headers, body, expect } = given;
  const sent = { method, path: pathname + search, headers, ...(body === undefined ? {} : { body }) };
  return closedLoop(given, async () => void (await send(sent, expect)));
}
