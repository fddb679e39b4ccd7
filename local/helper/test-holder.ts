// A runtime in a process of its own, for a test to kill: takes a lease, prints what it got, lives on.
// Usage: node test-holder.ts GRACE_MS INSTANCE, with the configuration in the environment.

import { loadConfig } from "../../lib/config/env.ts";
import { ensureHelper } from "./client.ts";

const helper = await ensureHelper({
  config: loadConfig(),
  log: () => {},
  graceMs: Number(process.argv[2]),
  instance: process.argv[3],
});
console.log(JSON.stringify(helper));
setInterval(() => {}, 1_000);
