// npm run test:clients -- [--registry embedded|nacos] [--only python,java] [--write]
// The clients that people install, each in its own process, against the embedded registry and a real Nacos 3.1.0. Holds the table in
// docs/registry.md, or writes it. A client that cannot be installed on this machine is skipped, with the reason.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { flag, names, readOptions, report, text } from "../../support/command.ts";
import { EmbeddedRegistry } from "../../support/embedded-registry.ts";
import { freePortGroup } from "../../support/free-ports.ts";
import { startNacos } from "../../support/nacos-server/start.ts";
import { clients, type NacosClient } from "./clients.ts";
import { Driver, type Program } from "./driver.ts";
import { Observer } from "./observer.ts";
import { firstSteps, lastSteps, type Outcome, type Participant, type Registry } from "./scenario.ts";
import { differencesOf, type Kind, nameOf, readTable, updated, writeTable } from "./table.ts";

const { registry, only, write } = readOptions({ registry: text(undefined), only: names, write: flag });

const account = { username: "nacos", password: "nacos-password" };
const chosen = clients.filter(
  ({ language }) => only?.some((name) => language.toLowerCase().startsWith(name.toLowerCase())) ?? true,
);

interface Installed {
  readonly client: NacosClient;
  readonly program: Program;
}

const installed: Installed[] = [];
for (const client of chosen) {
  try {
    installed.push({ client, program: await client.install() });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : error;
    console.log(`${nameOf(client)} skipped: ${reason}`);
  }
}

let table = await readTable();
let passed = 0;
let failed = 0;
for (const kind of ["embedded", "Nacos"] as const) {
  if (registry !== undefined && registry.toLowerCase() !== kind.toLowerCase()) continue;
  for (const [client, outcomes] of await tryAll(kind)) {
    for (const { step, failure, ms } of outcomes)
      console.log(`${kind} ${nameOf(client)} ${step}: ${failure ?? `works (${ms} ms)`}`);
    if (write) table = updated(table, client, kind, outcomes);
    const differences = differencesOf(table, client, kind, outcomes);
    passed += outcomes.length - differences.length;
    failed += differences.length;
    for (const difference of differences) console.log(`FAILED ${difference}`);
  }
}
if (write) await writeTable(table, clients);
report({ passed, failed });
// Some of what was killed may have left a socket.
process.exit();

async function tryAll(kind: Kind): Promise<ReadonlyMap<NacosClient, readonly Outcome[]>> {
  const folder = await mkdtemp(join(tmpdir(), "cfmp-clients-"));
  const opened = await open(kind);
  const participants: [NacosClient, Participant][] = [];
  const outcomes = new Map<NacosClient, readonly Outcome[]>();
  try {
    console.log(`${kind} answers at ${opened.address}`);
    const observer = await Observer.open(opened.address, account);
    for (const [index, { client, program }] of installed.entries()) {
      const start = async (password: string) => {
        const own = await mkdtemp(join(folder, "client-"));
        return new Driver(program, [opened.address, account.username, password], own);
      };
      participants.push([
        client,
        {
          name: `client-${index}`,
          port: 7_000 + 10 * index,
          driver: await start(account.password),
          stranger: await start("wrong"),
        },
      ]);
    }
    const each = async (steps: typeof firstSteps) =>
      Promise.all(
        participants.map(async ([client, one]) => {
          const before = outcomes.get(client) ?? [];
          const connected = before.length === 0 || before[0]?.failure === undefined;
          if (connected) outcomes.set(client, [...before, ...(await steps(one, observer))]);
        }),
      );
    await each(firstSteps);
    await opened.restart();
    await each(lastSteps);
    return outcomes;
  } finally {
    for (const [, { driver, stranger }] of participants) {
      driver.kill();
      stranger.kill();
    }
    await opened.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function open(kind: Kind): Promise<Registry & { close(): Promise<void> }> {
  if (kind === "Nacos") {
    const nacos = await startNacos({ password: account.password });
    return { address: nacos.address, account, restart: () => nacos.restart(), close: () => nacos.close() };
  }
  // Its gRPC port is 1,000 above.
  const embedded = await EmbeddedRegistry.start(await freePortGroup([0, 1_000]), account);
  return {
    address: embedded.address,
    account,
    restart: () => embedded.restart(),
    close: () => embedded.close(),
  };
}
