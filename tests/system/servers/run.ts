// npm run test:servers: what a server runs, without Docker.
// 1. Journeys against what the image runs (local/server), with database, registry and mail server of their own.
// 2. Every *.servers.test.ts: two instances of each service behind Debian's Nginx with the product's configuration, and the files in servers/.
// 3. Users at work through Nginx while each instance is killed in turn.
// Needs Nginx, Prometheus and Alertmanager (apt-get install nginx-light prometheus prometheus-alertmanager) and Python 3.10.
// `-- --stack` runs the last two alone, `-- --short` leaves out the Dockerfile's steps and kills one instance of each service; what else is
// given goes to Jest.

import { parseArgs } from "node:util";
import { report, type Verdict } from "../../support/command.ts";
import { only, runJest } from "../../support/jest.ts";
import { loadWhileKilling } from "./load.ts";
import { type Stack, startStack } from "./stack.ts";

const JOURNEYS = ["main-journey", "bad-input", "live-push"].map((name) => `tests/system/journeys/${name}`);
const LONG = "image.servers.test.ts";

// What was started is ended when this process exits, so it must exit rather than be ended.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));

const { values, positionals } = parseArgs({
  options: { stack: { type: "boolean", default: false }, short: { type: "boolean", default: false } },
  allowPositionals: true,
});
const runs: Verdict[] = [];
if (!values.stack) runs.push(await runJest([...JOURNEYS, ...positionals], { TEST_HOST: "server" }));
runs.push(...(await withStack()));
report({
  passed: runs.reduce((total, { passed }) => total + passed, 0),
  failed: runs.reduce((total, { failed }) => total + failed, 0),
});

async function withStack(): Promise<Verdict[]> {
  const stack = await startStack();
  try {
    const left = values.short ? [`--testPathIgnorePatterns=${LONG}`] : [];
    const suites = await runJest([...positionals, ...only(".servers.test.ts"), ...left], {
      TEST_STACK: JSON.stringify(stack.facts),
    });
    return [suites, await underKills(stack)];
  } finally {
    await stack.close();
  }
}

async function underKills(stack: Stack): Promise<Verdict> {
  const victims = stack.instances.filter(({ name }) => !values.short || name.endsWith("-1"));
  const { seconds, sent, failed, killed, repeated } = await loadWhileKilling(stack, victims);
  console.log(
    `Killed ${killed.join(", ")} in ${seconds} s: of ${sent} requests Nginx sent ${repeated} to a second instance, ${failed.length} failed.`,
  );
  for (const line of failed.slice(0, 20)) console.log(`  ${line}`);
  // Were none repeated, nobody would have met a dead instance.
  const shown = killed.length === victims.length && repeated > 0;
  return failed.length === 0 && shown ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}
