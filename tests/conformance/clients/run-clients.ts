// npm run test:clients -- [--registry embedded,real] [--only python,"nacos-client 3"] [--write]
// The clients that people install, each in its own process, against the embedded registry and a real Nacos 3.1.0. Holds the table
// in docs/registry.md to what was seen, or writes it.

import { flag, fromCommandLine, names, readOptions, report } from "../../support/command.ts";
import { clients, type NacosClient, nameOf } from "./clients.ts";
import { readTable, writeTable } from "./pages.ts";
import { KINDS } from "./registries.ts";
import type { Outcome } from "./scenario.ts";
import { differencesOf, updated } from "./table.ts";
import { type Installed, tryAll } from "./try-all.ts";

const { kinds, wanted, write } = fromCommandLine((args) => {
  const options = readOptions({ registry: names, only: names, write: flag }, args);
  return {
    kinds: chosen(KINDS, options.registry, (kind) => [kind]),
    wanted: chosen(clients, options.only, (client) => [client.language, nameOf(client)]),
    write: options.write,
  };
});

let table = await readTable();
let passed = 0;
let failed = 0;
const installed: Installed[] = [];
for (const client of wanted) {
  console.log(`installing ${nameOf(client)}`);
  try {
    installed.push({ client, program: await client.install() });
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${nameOf(client)}: ${error instanceof Error ? error.message : error}`);
  }
}
for (const kind of kinds) {
  // The lines come as the steps end: clients go side by side, and some steps take minutes.
  const say = (client: NacosClient, { step, failure, ms }: Outcome) =>
    console.log(`${kind} ${nameOf(client)} ${step}: ${failure ?? `works (${ms} ms)`}`);
  for (const { client, outcomes } of await tryAll(kind, installed, say)) {
    if (write) table = updated(table, client, kind, outcomes);
    // What is written is no difference.
    const differences = differencesOf(table, client, kind, outcomes);
    passed += outcomes.length - differences.length;
    failed += differences.length;
    for (const difference of differences) console.log(`FAILED ${difference}`);
  }
}
if (write) await writeTable(table);
report({ passed, failed });
// Some of what was killed may have left a socket.
process.exit();

/** Those of which a name begins with a text of `given`; all without it. @throws {Error} for a text with which none begins. */
function chosen<T>(
  all: readonly T[],
  given: readonly string[] | undefined,
  namesOf: (one: T) => readonly string[],
): readonly T[] {
  if (given === undefined) return all;
  const begins = (one: T, text: string) =>
    namesOf(one).some((name) => name.toLowerCase().startsWith(text.toLowerCase()));
  const unknown = given.find((text) => !all.some((one) => begins(one, text)));
  if (unknown !== undefined)
    throw new Error(`"${unknown}" is none of ${[...new Set(all.flatMap(namesOf))].join(", ")}`);
  return all.filter((one) => given.some((text) => begins(one, text)));
}
