// npm run test:servers: what a server runs, without Docker.
// 1. Journeys against what the image runs (local/server), with database, registry and mail server of their own.
// 2. Every *.servers.test.ts: two instances of each service behind Debian's Nginx with the product's configuration, and the files in servers/.
// 3. Users at work through Nginx while each instance is killed in turn.
// 4. The same while each is replaced by a new process, as in a rolling deployment; once more with instances that npm start runs.
// Needs Nginx, Prometheus and Alertmanager (apt-get install nginx-light prometheus prometheus-alertmanager) and Python 3.10.
// `-- --stack` leaves out the first, `-- --replace` all but the last; `-- --short` leaves out the Dockerfile's steps and instances of
// npm start, and kills and replaces one instance of each service. What else is given goes to Jest.

import { inspect, parseArgs } from "node:util";
import { report, type Verdict } from "../../support/command.ts";
import { only, runJest } from "../../support/jest.ts";
import { loadWhileKilling } from "./load.ts";
import { replaceUnderLoad } from "./replace.ts";
import { type Instance, type Script, type Stack, startStack } from "./stack.ts";

const JOURNEYS = ["main-journey", "bad-input", "live-push"].map((name) => `tests/system/journeys/${name}`);
const LONG = "image.servers.test.ts";

// What was started is ended when this process exits, so it must exit rather than be ended.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));

const flag = { type: "boolean", default: false } as const;
const { values, positionals } = parseArgs({
  options: { stack: flag, replace: flag, short: flag },
  allowPositionals: true,
});
const runs: Verdict[] = [];
if (!values.stack && !values.replace)
  runs.push(await runJest([...JOURNEYS, ...positionals], { TEST_HOST: "server" }));
await withStack("serve", async (stack) => {
  if (!values.replace) {
    runs.push(await suites(stack));
    runs.push(await underKills(stack));
  }
  runs.push(await replaced(stack));
});
if (!values.short) await withStack("start", async (stack) => void runs.push(await replaced(stack)));
report({
  passed: runs.reduce((total, { passed }) => total + passed, 0),
  failed: runs.reduce((total, { failed }) => total + failed, 0),
});

/** What throws is one failure, and shown: the results before it count. */
async function withStack(script: Script, work: (stack: Stack) => Promise<void>): Promise<void> {
  let stack: Stack | undefined;
  try {
    stack = await startStack(script);
    await work(stack);
  } catch (error) {
    console.log(`--- ${inspect(error)}`);
    runs.push({ passed: 0, failed: 1 });
  }
  await stack?.close();
}

function suites({ facts }: Stack): Promise<Verdict> {
  const left = values.short ? [`--testPathIgnorePatterns=${LONG}`] : [];
  return runJest([...positionals, ...only(".servers.test.ts"), ...left], {
    TEST_STACK: JSON.stringify(facts),
  });
}

/** In a short run one instance of each service. */
function chosen({ instances }: Stack): Instance[] {
  return instances.filter(({ name }) => !values.short || name.endsWith("-1"));
}

async function underKills(stack: Stack): Promise<Verdict> {
  const victims = chosen(stack);
  const { seconds, sent, failed, busy, killed, repeated } = await loadWhileKilling(stack, victims);
  console.log(
    `Killed ${killed.join(", ")} in ${seconds} s: of ${sent} requests Nginx sent ${repeated} to a second instance, ${failed.length} failed${besides(busy)}.`,
  );
  // Were none repeated, nobody would have met a dead instance.
  return verdict(failed, killed.length === victims.length && repeated > 0);
}

async function replaced(stack: Stack): Promise<Verdict> {
  const instances = chosen(stack);
  const seen = await replaceUnderLoad(stack, instances, stack.script === "serve" ? 5 : 6);
  console.log(
    `Replaced ${seen.replaced.join(", ")} (npm run ${stack.script}) in ${seen.seconds} s: ${seen.sent} requests, ${seen.created} of them POST without a key; ${seen.again} live connections were opened again; ${seen.wrong.length} faults${besides(seen.busy)}.`,
  );
  return verdict(seen.wrong, seen.replaced.length === instances.length && seen.again > 0);
}

function besides(busy: number): string {
  return busy === 0 ? "" : `; ${busy} were refused after seconds, as the machine was busy`;
}

function verdict(wrong: readonly string[], shown: boolean): Verdict {
  for (const line of wrong.slice(0, 20)) console.log(`  ${line}`);
  return wrong.length === 0 && shown ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}
